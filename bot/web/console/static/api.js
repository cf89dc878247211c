// What the page asks the bot for. A failure is an Error whose message people may read.

const TIMEOUT_MS = 15_000;
let proof = ""; // that a change comes from this page

export async function overview() {
  const found = await call("GET", "/console/api/overview");
  proof = found.proof;
  return found;
}

export function documents({ status, words, page }) {
  return call("GET", `/console/api/documents?${new URLSearchParams({ status, words, page })}`);
}

/** `what` is retry or forget. */
export function change(id, what) {
  return call("POST", `/console/api/documents/${encodeURIComponent(id)}/${what}`);
}

export async function logout() {
  const { to } = await call("POST", "/console/logout");
  location.assign(to);
}

async function call(method, path) {
  let response;
  try {
    const headers = method === "GET" ? {} : { "X-Console-Proof": proof };
    response = await fetch(path, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Error("The bot can't be reached.");
  }
  if (response.status === 401) {
    location.assign("/console/login");
    throw new Error("The session is over.");
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new Error(body.error ?? (response.status === 404 ? "It isn't there any more." : `It failed (HTTP ${response.status}).`));
}
