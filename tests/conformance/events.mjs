// graphql-sse in distinct connections mode, as npm graphql-sse speaks it.
import { createClient } from 'graphql-sse';
import { check, finish } from './check.mjs';

const { url, tokens } = JSON.parse(process.env.HUHUTONG);
const run = (token, query) =>
  new Promise((resolve, reject) => {
    const client = createClient({
      url,
      retryAttempts: 0,
      headers: token ? { authorization: `Bearer ${token}` } : {},
    });
    const events = [];
    client.subscribe({ query }, { next: (event) => events.push(event), error: reject, complete: () => resolve(events) });
  });

await check('a subscription streams and completes', async () => {
  const query = 'subscription { inquiryChanged(after: "start", first: 3) { cursor inquiry { id } } }';
  const events = await run(tokens.COUNTY_ADMIN, query);
  return (events.length === 3 && events.every((event) => event.data?.inquiryChanged.inquiry.id)) || events;
});
await check('a query gives one event', async () => {
  const events = await run(tokens.COUNTY_ADMIN, '{ viewer { role } }');
  return (events.length === 1 && events[0].data.viewer.role === 'COUNTY_ADMIN') || events;
});
await check('a subscription without a token is refused', async () => {
  const events = await run(null, 'subscription { inquiryChanged(first: 1) { cursor } }');
  return events[0]?.errors?.[0].extensions.code === 'UNAUTHENTICATED' || events;
});
finish();
