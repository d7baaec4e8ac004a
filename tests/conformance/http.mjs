// GraphQL over HTTP: the audits of npm graphql-http, SHOULD as strictly as MUST.
import { serverAudits } from 'graphql-http';
import { check, finish } from './check.mjs';

const { url } = JSON.parse(process.env.HUHUTONG);
const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, signal: AbortSignal.timeout(20_000) });
for (const audit of serverAudits({ url, fetchFn })) {
  await check(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    await result.response?.body?.cancel().catch(() => {});
    return result.status === 'ok' || result.status === 'notice' || result.reason;
  });
}
finish();
