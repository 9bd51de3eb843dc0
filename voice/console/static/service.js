// What numbers and applications have in common: where their documents are.
import { rest } from "./api.js";
import { code } from "./table.js";

const METHODS = [["POST", "POST"], ["GET", "GET"]];

export function serviceFields(row = {}) {
  return [
    { name: "FriendlyName", label: "Name", value: row.friendly_name },
    { name: "VoiceUrl", label: "Voice URL", type: "url", value: row.voice_url, placeholder: "https://example.com/voice" },
    { name: "VoiceMethod", label: "Method", options: METHODS, value: row.voice_method },
    { name: "VoiceFallbackUrl", label: "Fallback URL", type: "url", value: row.voice_fallback_url, hint: "Asked when the voice URL fails." },
    { name: "StatusCallback", label: "Status callback", type: "url", value: row.status_callback },
  ];
}

export function serviceCell(row, applications = []) {
  const found = applications.find((each) => each.sid === row.voice_application_sid);
  return code(found ? `application ${found.friendly_name || found.sid}` : row.voice_url);
}

export async function listed(path, key) {
  const rows = [];
  for (let page = 0; page < 20; page += 1) {
    const answer = await rest(`${path}?PageSize=200&Page=${page}`);
    rows.push(...answer[key]);
    if (!answer.next_page_uri) break;
  }
  return rows;
}
