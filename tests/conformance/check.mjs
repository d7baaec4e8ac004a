// A list of checks with names, counted and printed as they are done.

let passed = 0;
let failed = 0;

/** Runs one check; it fails by throwing, or by returning anything but undefined or true. */
export async function check(name, body) {
  try {
    const result = await body();
    if (result !== undefined && result !== true) throw new Error(JSON.stringify(result));
    passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}: ${error?.message ?? error}`);
  }
}

/** Prints the count and ends the program. */
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
