// A member on matrix-js-sdk with its Rust crypto, who trusts only devices that their owners have signed.
//
//     node member.mjs HOMESERVER USER PASSWORD BOT OTHER QUESTION
//
// Opens an encrypted room with the bot and another member, asks, and listens until both have said something.
// Prints a line of JSON for the room, and one for what each of the two said, as this client shows it.
import { ClientEvent, createClient, MatrixEventEvent, MemoryStore, RoomEvent } from "matrix-js-sdk";
import { OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";
import { logger } from "matrix-js-sdk/lib/logger.js";

// Node has this since version 22, the library expects it.
Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
logger.setLevel("silent");
for (const quiet of ["log", "debug", "info", "warn", "error", "trace"]) console[quiet] = () => {};

const [address, user, password, bot, other, question] = process.argv.slice(2);
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);
const login = { type: "m.login.password", identifier: { type: "m.id.user", user }, password };

const { access_token: accessToken, device_id: deviceId } = await createClient({ baseUrl: address }).loginRequest(login);
const client = createClient({ baseUrl: address, userId: user, deviceId, accessToken, store: new MemoryStore() });
await client.initRustCrypto({ useIndexedDB: false });
const crypto = client.getCrypto();
crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: (send) => send(login) });
const synced = new Promise((done) => client.on(ClientEvent.Sync, (state) => state === "PREPARED" && done()));
await client.startClient();
await synced;

// What each of the two has said: read, or why it cannot be read. The bot greets first, and then answers.
const heard = new Map();
async function hear(event) {
  const sender = event.getSender();
  const failed = event.isDecryptionFailure();
  if (![bot, other].includes(sender) || heard.has(sender)) return;
  if (sender === bot && !event.replyEventId) return;
  if (!event.isEncrypted() || (!failed && event.getType() !== "m.room.message")) return;
  heard.set(sender, failed);
  const shield = failed ? null : await crypto.getEncryptionInfoForEvent(event);
  say({
    from: sender,
    body: failed ? null : event.getContent().body,
    failure: event.decryptionFailureReason,
    shield: shield?.shieldColour,
  });
  if (heard.size === 2) process.exit(0);
}
client.on(MatrixEventEvent.Decrypted, hear);

const encryption = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
const { room_id: room } = await client.createRoom({ invite: [bot, other], initial_state: [encryption] });
say({ room });
const there = () =>
  [bot, other].every((one) => client.getRoom(room)?.getMember(one)?.membership === "join");
await new Promise((done) => {
  const look = () => there() && done();
  client.on(ClientEvent.Event, look);
  client.on(RoomEvent.Timeline, look);
  look();
});
await client.sendTextMessage(room, question);
