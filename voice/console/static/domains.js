// SIP domains, who may register there, and the phones that have.
import { button, icon, make } from "./dom.js";
import { ask, attempt, isAdmin, rest } from "./api.js";
import { clock } from "./format.js";
import { code, confirm, edit, empty, heading, row, table } from "./table.js";
import { listed } from "./service.js";

const domainFields = (domain = {}) => [
  ...(domain.sid ? [] : [{ name: "DomainName", label: "Domain", required: true, placeholder: "phones.example.com" }]),
  { name: "FriendlyName", label: "Name", value: domain.friendly_name },
  { name: "VoiceUrl", label: "Voice URL", type: "url", value: domain.voice_url, hint: "Empty: callers are connected with the user they dial." },
  { name: "VoiceFallbackUrl", label: "Fallback URL", type: "url", value: domain.voice_fallback_url },
  { name: "SipRegistration", label: "Phones may register", type: "checkbox", value: domain.sip_registration ?? true },
  { name: "Secure", label: "TLS only", type: "checkbox", value: domain.secure },
];

function userRow(list, user, load) {
  const url = `SIP/CredentialLists/${list.sid}/Credentials/${user.sid}.json`;
  return row([make("b", {}, icon("phone"), " ", user.username)], isAdmin() ? [
    button("Password", () => edit(user.username, [passwordField], (form) => rest(url, "POST", form)), { title: `Password of ${user.username}` }),
    button("Remove", () => confirm(`Remove ${user.username}?`, "Its phones are forgotten.", "Remove", () => rest(url, "DELETE"), load), { kind: "danger", title: `Remove ${user.username}` })] : null);
}

const passwordField = { name: "Password", label: "Password", type: "password", required: true, hint: "At least 12 characters, with an upper-case and a lower-case letter and a digit." };

function listCard(list, users, load) {
  const add = isAdmin() ? button("Add a user", () => edit(`A user of ${list.friendly_name}`, [{ name: "Username", label: "Name", required: true }, passwordField],
    (form) => rest(`SIP/CredentialLists/${list.sid}/Credentials.json`, "POST", form), load, "Add"), { icon: "plus" }) : null;
  return make("section", { class: "card", "aria-label": list.friendly_name }, make("div", { class: "heading" }, make("h3", {}, "Users: ", list.friendly_name), make("div", { class: "tools" }, add)),
    users.length ? make("table", {}, make("tbody", {}, ...users.map((user) => userRow(list, user, load)))) : make("p", { class: "hint" }, "Nobody yet."));
}

function domainRow(domain, load) {
  const flags = [domain.sip_registration && "registers", domain.secure && "TLS only", ...(domain.auth_type ? domain.auth_type.split(",") : [])].filter(Boolean);
  return row([make("b", {}, domain.domain_name), domain.friendly_name, code(domain.voice_url), make("span", {}, ...flags.map((flag) => make("span", { class: "badge" }, flag)))], isAdmin() ? [
    button("Change", () => edit(domain.domain_name, domainFields(domain), (form) => rest(`SIP/Domains/${domain.sid}.json`, "POST", form), load), { icon: "edit", title: `Change ${domain.domain_name}` }),
    button("Delete", () => confirm(`Delete ${domain.domain_name}?`, "Its phones are forgotten.", "Delete", () => rest(`SIP/Domains/${domain.sid}.json`, "DELETE"), load), { kind: "danger", title: `Delete ${domain.domain_name}` })] : null);
}

function phonesTable({ count, phones }) {
  if (!count) return empty("No phone is registered.");
  const now = Date.now() / 1000;
  return table("Phones", ["User", "Phone", "Comes from", "Reached at", "For another"], make("tbody", {}, ...phones.map((each) => row([make("b", {}, each.user), each.agent || "–", each.source,
    make("span", {}, code(each.contact), each.hidden ? make("span", { class: "badge" }, "NAT") : ""), clock(each.expires - now)]))));
}

export function showDomains(view) {
  const domains = make("div"), users = make("div", { class: "cards" }), phones = make("div");
  async function load() {
    await attempt(async () => {
      const [found, lists, registered] = await Promise.all([listed("SIP/Domains.json", "domains"), listed("SIP/CredentialLists.json", "credential_lists"), ask("phones")]);
      const members = await Promise.all(lists.map((list) => listed(`SIP/CredentialLists/${list.sid}/Credentials.json`, "credentials")));
      domains.replaceChildren(found.length ? table("Domains", ["Domain", "Name", "Answered by", "Rules", ...(isAdmin() ? [""] : [])], make("tbody", {}, ...found.map((each) => domainRow(each, load))))
        : empty("There is no SIP domain.", "Phones register at a domain, with the names and passwords of a list."));
      users.replaceChildren(...lists.map((list, number) => listCard(list, members[number], load)));
      phones.replaceChildren(phonesTable(registered));
    });
  }
  const add = isAdmin() ? button("Make a domain", () => edit("A new domain", domainFields(), addDomain, load, "Make"), { icon: "plus" }) : null;
  view.replaceChildren(heading("Domains and phones", add), domains, users, make("h2", {}, "Registered phones"), phones);
  load();
  const timer = setInterval(async () => { phones.replaceChildren(phonesTable(await ask("phones").catch(() => ({ count: 0 })))); }, 5000);
  return () => clearInterval(timer);
}

// A domain with a list of users of its own, so that phones can register at once.
async function addDomain(form) {
  const domain = await rest("SIP/Domains.json", "POST", form);
  const list = await rest("SIP/CredentialLists.json", "POST", { FriendlyName: domain.domain_name.slice(0, 64) });
  for (const kind of ["Calls", "Registrations"])
    await rest(`SIP/Domains/${domain.sid}/Auth/${kind}/CredentialListMappings.json`, "POST", { CredentialListSid: list.sid });
}
