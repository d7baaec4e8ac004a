// graphql-transport-ws, rule by rule as its protocol document has them, and npm graphql-ws on top.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { check, finish } from './check.mjs';

const { wsUrl, tokens } = JSON.parse(process.env.HUHUTONG);
const INIT = { authorization: `Bearer ${tokens.COUNTY_ADMIN}` };
const SHORT = 'subscription { inquiryChanged(after: "start", first: 3) { cursor } }';
const LONG = 'subscription { inquiryChanged(after: "start") { cursor } }';

/** A socket that remembers what it hears. */
async function open(protocols = ['graphql-transport-ws'], headers = {}) {
  const socket = new WebSocket(wsUrl, protocols, { headers, handshakeTimeout: 5_000 });
  const heard = [];
  const waiting = new Set();
  let closed;
  const wake = () => waiting.forEach((look) => look());
  socket.on('message', (text) => (heard.push(JSON.parse(text)), wake()));
  socket.on('close', (code) => ((closed = code), wake()));
  socket.on('error', () => wake());
  const until = (found, limit = 5_000) =>
    new Promise((resolve) => {
      const end = (value) => (clearTimeout(timer), waiting.delete(look), resolve(value));
      const look = () => found() && end(found());
      const timer = setTimeout(() => end(undefined), limit);
      waiting.add(look);
      look();
    });
  await until(() => socket.readyState !== WebSocket.CONNECTING);
  const client = {
    socket,
    heard,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    hears: (type, id) => until(() => heard.find((m) => m.type === type && (id === undefined || m.id === id))),
    closes: (limit) => until(() => closed, limit),
    subscribe: (id, query) => client.send({ id, type: 'subscribe', payload: { query } }),
    async init(payload = INIT) {
      client.send({ type: 'connection_init', payload });
      return client.hears('connection_ack');
    },
  };
  return client;
}

/** Runs a check on a socket that has been acknowledged. */
const acknowledged = (name, body) =>
  check(name, async () => {
    const client = await open();
    if (!(await client.init())) throw new Error('no acknowledgement');
    const result = await body(client);
    client.socket.terminate();
    return result;
  });

await check('the subprotocol is graphql-transport-ws', async () => {
  const client = await open();
  client.socket.terminate();
  return client.socket.protocol === 'graphql-transport-ws';
});
await check('another subprotocol is refused with 4406 or before', async () => {
  const client = await open(['bogus']);
  return client.socket.readyState === WebSocket.CLOSED || [4406, 1006].includes(await client.closes());
});
await check('subscribing before the acknowledgement closes with 4401', async () => {
  const client = await open();
  client.subscribe('1', '{ __typename }');
  return (await client.closes()) === 4401;
});
await check('a bad token closes with 4403', async () => {
  const client = await open();
  client.send({ type: 'connection_init', payload: { authorization: 'Bearer nonsense' } });
  return (await client.closes()) === 4403;
});
await check('silence instead of connection_init closes with 4408', async () => {
  const client = await open();
  return (await client.closes(15_000)) === 4408;
});
await check('another site is refused', async () => {
  const client = await open(['graphql-transport-ws'], { Origin: 'https://evil.example' });
  return client.socket.readyState !== WebSocket.OPEN || !(await client.init());
});
await acknowledged('a second connection_init closes with 4429', async (client) => {
  client.send({ type: 'connection_init' });
  return (await client.closes()) === 4429;
});
await acknowledged('what is not JSON closes with 4400', async (client) => {
  client.send('{nope');
  return (await client.closes()) === 4400;
});
await acknowledged('an unknown message type closes with 4400', async (client) => {
  client.send({ type: 'whatever' });
  return (await client.closes()) === 4400;
});
await acknowledged('an id in use closes with 4409', async (client) => {
  client.subscribe('d', LONG);
  await client.hears('next', 'd');
  client.subscribe('d', LONG);
  return (await client.closes()) === 4409;
});
await acknowledged('ping is answered with pong', async (client) => {
  client.send({ type: 'ping' });
  return !!(await client.hears('pong'));
});
await acknowledged('a query gives next and complete', async (client) => {
  client.subscribe('q', '{ viewer { role } }');
  const next = await client.hears('next', 'q');
  return !!next?.payload?.data && !!(await client.hears('complete', 'q'));
});
await acknowledged('a document that does not fit the schema gives an error message', async (client) => {
  client.subscribe('e', '{ nothingLikeThis }');
  return Array.isArray((await client.hears('error', 'e'))?.payload);
});
await acknowledged('a subscription streams and completes', async (client) => {
  client.subscribe('s', SHORT);
  await client.hears('complete', 's');
  return client.heard.filter((message) => message.type === 'next').length === 3;
});
await acknowledged('after complete by the client nothing more comes', async (client) => {
  client.subscribe('x', LONG);
  await client.hears('next', 'x');
  client.send({ id: 'x', type: 'complete' });
  client.send({ type: 'ping' });
  await client.hears('pong');
  const before = client.heard.length;
  client.subscribe('y', SHORT);
  await client.hears('complete', 'y');
  return client.heard.slice(before).every((message) => message.id === 'y');
});
await acknowledged('operations of one socket are limited', async (client) => {
  for (let id = 0; id < 200; id += 1) client.subscribe(`c${id}`, LONG);
  return !!(await client.hears('error')) || !!(await client.closes(2_000));
});
await acknowledged('a message of 5 MB is refused', async (client) => {
  client.subscribe('b', `{ __typename } #${'x'.repeat(5_000_000)}`);
  return !!(await client.closes()) || !!(await client.hears('error', 'b'));
});
await check('npm graphql-ws runs a subscription to its end', async () => {
  const client = createClient({ url: wsUrl, webSocketImpl: WebSocket, connectionParams: INIT, retryAttempts: 0 });
  let count = 0;
  await new Promise((complete, error) => client.subscribe({ query: SHORT }, { next: () => (count += 1), error, complete }));
  await client.dispose();
  return count === 3;
});
finish();
