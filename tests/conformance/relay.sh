#!/usr/bin/env bash
# Relay compiles the operations, in the form in which its JavaScript holds them.
set -euo pipefail
mkdir -p relay
node --input-type=module -e '
import { readFileSync, writeFileSync } from "node:fs";
import { parse, print } from "graphql";
let source = "import { graphql } from \"relay-runtime\";\n";
for (const file of ["app", "dashboard"]) {
  for (const definition of parse(readFileSync(`operations/${file}.graphql`, "utf8")).definitions) {
    // Relay wants names that begin with the module and say what they are.
    const kind = { query: "Query", mutation: "Mutation", subscription: "Subscription" }[definition.operation];
    if (kind) definition.name.value = `operations${definition.name.value}${kind}`;
    else definition.name.value = `operations_${definition.name.value}`;
    const text = print(definition).replace(/\.\.\.(App\w+)/g, "...operations_$1");
    source += `graphql\`\n${text}\n\`;\n`;
  }
}
writeFileSync("relay/operations.js", source);
'
cat >relay.config.json <<'JSON'
{ "src": "./relay", "schema": "./schema.graphql", "language": "javascript" }
JSON
npx --no-install relay-compiler relay.config.json
