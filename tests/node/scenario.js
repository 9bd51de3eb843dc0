// A day in the life of a customer who uses the official SDK for Node.js: every resource, with real telephones at the far end.
// node scenario.js API SID TOKEN PHONE HOOK EAR; only the host of the API is set.
"use strict";

const assert = require("node:assert/strict");
const twilio = require("twilio");

const [api, sid, token, phone, hook, ear] = process.argv.slice(2);
const PATIENCE_MS = 20000;

function clientOf(user = sid, password = token, accountSid = undefined) {
  const client = twilio(user, password, accountSid ? { accountSid } : {});
  client.api.baseUrl = api;
  return client;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(fetch, holds) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await fetch();
    if (holds(found)) return found;
    assert.ok(Date.now() < deadline, `still ${JSON.stringify(found)}`);
    await pause(100);
  }
}

const refused = (asked, status, code) => assert.rejects(asked, { status, code });
const sids = (rows) => rows.map((row) => row.sid);
const client = clientOf();

async function accounts() {
  assert.equal((await client.api.v2010.accounts(sid).fetch()).status, "active");
  const made = await client.api.v2010.accounts.create({ friendlyName: "Node branch" });
  assert.deepEqual(sids(await client.api.v2010.accounts.list({ friendlyName: "Node branch" })), [made.sid]);
  const branch = clientOf(made.sid, made.authToken);
  assert.deepEqual(await branch.applications.list(), []);
  await client.api.v2010.accounts(made.sid).update({ status: "closed" });
  await refused(branch.applications.list(), 401, 20003);

  const key = await client.newKeys.create({ friendlyName: "machine" });
  const byKey = clientOf(key.sid, key.secret, sid);
  assert.ok(Array.isArray(await byKey.applications.list()));
  await refused(byKey.keys.list(), 403, 20003);
  assert.equal((await client.keys(key.sid).update({ friendlyName: "robot" })).friendlyName, "robot");
  assert.equal(await client.keys(key.sid).remove(), true);
  const signing = await client.newSigningKeys.create();
  assert.equal((await client.signingKeys(signing.sid).fetch()).sid, signing.sid);
  await client.signingKeys(signing.sid).remove();
  assert.equal((await client.tokens.create({ ttl: 60 })).ttl, "60");
  assert.equal((await client.balance.fetch()).currency, "USD");
}

async function numbers() {
  const menu = await client.applications.create({ friendlyName: "Node menu", voiceUrl: `${hook}/menu` });
  assert.deepEqual(sids(await client.applications.list({ friendlyName: "Node menu" })), [menu.sid]);
  const [offered] = await client.availablePhoneNumbers("US").local.list({ areaCode: 415, limit: 1 });
  const bought = await client.incomingPhoneNumbers.create({ phoneNumber: offered.phoneNumber, voiceApplicationSid: menu.sid });
  assert.equal(bought.capabilities.voice, true);
  assert.deepEqual(sids(await client.incomingPhoneNumbers.list({ phoneNumber: offered.phoneNumber })), [bought.sid]);
  assert.equal((await client.incomingPhoneNumbers(bought.sid).update({ friendlyName: "Hotline" })).friendlyName, "Hotline");
  const twiml = "<Response><Pause length='1'/></Response>";
  const call = await client.calls.create({ to: bought.phoneNumber, from: "+15550100", twiml });
  await until(() => client.calls(call.sid).fetch(), (each) => each.status === "completed");
  await client.incomingPhoneNumbers(bought.sid).remove();
  await client.applications(menu.sid).remove();
  const asked = await client.validationRequests.create({ phoneNumber: "+14155550124" });
  assert.equal(asked.validationCode.length, 6);
  assert.deepEqual(await client.outgoingCallerIds.list({ phoneNumber: "+14155550124" }), []);
}

async function sip() {
  const domain = await client.sip.domains.create({ domainName: "node.sip.twilio.com", sipRegistration: true });
  const staff = await client.sip.credentialLists.create({ friendlyName: "Staff" });
  const alice = await client.sip.credentialLists(staff.sid).credentials.create({ username: "alice", password: "Correct-Horse-9" });
  const office = await client.sip.ipAccessControlLists.create({ friendlyName: "Office" });
  const network = { friendlyName: "lan", ipAddress: "10.0.0.0", cidrPrefixLength: 8 };
  await client.sip.ipAccessControlLists(office.sid).ipAddresses.create(network);
  const { calls, registrations } = client.sip.domains(domain.sid).auth;
  await calls.credentialListMappings.create({ credentialListSid: staff.sid });
  await calls.ipAccessControlListMappings.create({ ipAccessControlListSid: office.sid });
  await registrations.credentialListMappings.create({ credentialListSid: staff.sid });
  const types = (await client.sip.domains(domain.sid).fetch()).authType.split(",").sort();
  assert.deepEqual(types, ["CREDENTIAL_LIST", "IP_ACL"]);
  assert.deepEqual(sids(await calls.credentialListMappings.list()), [staff.sid]);
  await refused(client.sip.credentialLists(staff.sid).remove(), 400, 21241);
  await calls.credentialListMappings(staff.sid).remove();
  await calls.ipAccessControlListMappings(office.sid).remove();
  await registrations.credentialListMappings(staff.sid).remove();
  await client.sip.credentialLists(staff.sid).credentials(alice.sid).remove();
  await client.sip.credentialLists(staff.sid).remove();
  await client.sip.ipAccessControlLists(office.sid).remove();
  await client.sip.domains(domain.sid).remove();
}

async function calls() {
  await refused(client.calls.create({ to: "nobody", from: "+15550100", twiml: "<Response/>" }), 400, 21211);
  const statusCallbackEvent = ["initiated", "ringing", "answered", "completed"];
  const order = { to: phone, from: "+15550100", url: `${hook}/long`, statusCallback: `${hook}/status`, statusCallbackEvent };
  const placed = await client.calls.create(order);
  const call = client.calls(placed.sid);
  await until(() => call.fetch(), (each) => each.status === "in-progress");
  await refused(call.remove(), 400, 20009);
  const recording = await call.recordings.create({ recordingChannels: "dual" });
  await pause(1000);
  assert.equal((await call.recordings("Twilio.CURRENT").update({ status: "paused" })).status, "paused");
  assert.equal((await call.recordings(recording.sid).update({ status: "in-progress" })).status, "in-progress");
  await pause(1000);
  assert.equal((await call.recordings("Twilio.CURRENT").update({ status: "stopped" })).sid, recording.sid);
  await until(() => client.recordings(recording.sid).fetch(), (each) => each.status === "completed");
  assert.deepEqual(sids(await client.recordings.list({ callSid: placed.sid })), [recording.sid]);
  await client.recordings(recording.sid).remove();
  const stream = await call.streams.create({ url: ear, name: "ear" });
  assert.equal((await call.streams(stream.sid).update({ status: "stopped" })).status, "stopped");
  const written = await call.transcriptions.create({ name: "minutes", statusCallbackUrl: `${hook}/written`, track: "inbound_track" });
  assert.equal(written.status, "in-progress");
  assert.equal((await call.transcriptions(written.sid).update({ status: "stopped" })).status, "stopped");
  const payment = await call.payments.create({ idempotencyKey: "first", statusCallback: `${hook}/paid`, chargeAmount: 12.5 });
  const cancelled = { idempotencyKey: "second", statusCallback: `${hook}/paid`, status: "cancel" };
  assert.equal((await call.payments(payment.sid).update(cancelled)).sid, payment.sid);
  await call.update({ twiml: "<Response><Pause length='60'/></Response>" });
  await call.update({ status: "completed" });
  const ended = await until(() => call.fetch(), (each) => each.status === "completed");
  assert.ok(Number(ended.duration) >= 2);
  assert.ok(ended.endTime >= ended.startTime);
  const events = await call.events.list();
  assert.ok(events.some((event) => event.request.url.startsWith(hook)), JSON.stringify(events));
  assert.deepEqual(await call.notifications.list(), []);
  const yesterday = new Date(Date.now() - 86400000);
  assert.ok(sids(await client.calls.list({ status: "completed", startTimeAfter: yesterday })).includes(placed.sid));
  assert.ok(!sids(await client.calls.list({ startTimeBefore: yesterday })).includes(placed.sid));
  assert.ok(Number((await client.usage.records.allTime.list({ category: "calls" }))[0].count) >= 1);
  await call.remove();
  await refused(call.fetch(), 404, 20404);
  const broken = await client.calls.create({ to: phone, from: "+15550100", url: `${hook}/broken` });
  const [noted] = await until(() => client.calls(broken.sid).notifications.list(), (rows) => rows.length > 0);
  assert.equal(noted.errorCode, "12100");
}

async function rooms() {
  for (const label of ["ann", "bob"]) {
    await client.conferences("Node").participants.create({ from: "+15550100", to: phone, label, beep: "false" });
  }
  const named = { friendlyName: "Node", status: "in-progress" };
  const [room] = await until(() => client.conferences.list(named), (rows) => rows.length > 0);
  const weekly = client.conferences(room.sid);
  await until(() => weekly.participants.list(), (rows) => rows.length === 2 && rows.every((row) => row.status === "connected"));
  assert.equal((await weekly.participants("ann").update({ muted: true })).muted, true);
  assert.deepEqual((await weekly.participants.list({ muted: true })).map((row) => row.label), ["ann"]);
  assert.equal((await weekly.participants("bob").update({ hold: true, holdUrl: `${hook}/tune` })).hold, true);
  await weekly.participants("bob").update({ hold: false });
  assert.equal(await weekly.participants("ann").remove(), true);
  assert.equal((await weekly.update({ status: "completed" })).status, "completed");
  assert.deepEqual(await weekly.participants.list(), []);

  const support = await client.queues.create({ friendlyName: "Node support", maxSize: 3 });
  const twiml = "<Response><Enqueue waitUrl=''>Node support</Enqueue></Response>";
  const waiting = await client.calls.create({ to: phone, from: "+15550100", twiml });
  const queue = client.queues(support.sid);
  const [member] = await until(() => queue.members.list(), (rows) => rows.length > 0);
  assert.deepEqual([member.callSid, member.position], [waiting.sid, 1]);
  assert.equal((await queue.fetch()).currentSize, 1);
  assert.equal((await queue.members("Front").update({ url: `${hook}/menu` })).callSid, waiting.sid);
  await until(() => client.calls(waiting.sid).fetch(), (each) => each.status === "completed");
  assert.equal((await queue.update({ friendlyName: "Help" })).friendlyName, "Help");
  assert.equal(await queue.remove(), true);
}

async function main() {
  for (const step of [accounts, numbers, sip, calls, rooms]) {
    await step();
    console.log(`${step.name}: done`);
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
