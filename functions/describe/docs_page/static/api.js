/** The API that this page belongs to, wherever it is mounted. */

/** Ends in a slash: this module lies in `docs/` below it. */
export const BASE = new URL("..", import.meta.url).href;

const TIMEOUT_S = 40;

/** Return the address of a model, or of what lies below it. It holds no quotes. */
export function modelUrl(modelId, ...below) {
  const path = ["models", modelId, ...below].map(encodeURIComponent).join("/");
  return BASE + path.replaceAll("'", "%27");
}

/**
 * Call the API. The answer has `status`, `ok`, `headers`, `text`, `json` (undefined when it is none)
 * and `ms`, the time until its last byte. Where there is no answer at all, `status` is 0 and `json`
 * a problem like any other.
 */
export async function call(url, { key, headers, ...request }) {
  const began = performance.now();
  const answer = await exchange(url, {
    ...request,
    headers: { ...headers, Authorization: `Bearer ${key}` },
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_S * 1_000),
  }).catch(noAnswer);
  return { ...answer, ms: performance.now() - began };
}

async function exchange(url, request) {
  const response = await fetch(url, request);
  const { status, ok, headers } = response;
  const json = await response.clone().json().catch(() => undefined);
  return { status, ok, headers, json, text: await response.text() };
}

function noAnswer(error) {
  const detail =
    error.name === "TimeoutError"
      ? `There was no answer within ${TIMEOUT_S} seconds.`
      : "There is no connection to the API.";
  const json = { title: "No answer", detail, code: "no_answer" };
  return { status: 0, ok: false, headers: new Headers(), text: "", json };
}
