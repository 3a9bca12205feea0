/** The API that this page belongs to, wherever it is mounted. */

/** Ends in a slash: this module lies in `docs/` below it. */
export const BASE = new URL("..", import.meta.url).href;

const PATIENCE_MS = 40_000;

/** The address of a model, or of what lies below it. */
export function modelUrl(modelId, ...below) {
  return BASE + ["models", modelId, ...below].map(encoded).join("/");
}

/**
 * Call the API. The answer has `status`, `ok`, `text`, `json` (undefined when it is none),
 * `header(name)`, and `ms`, the time until its last byte. Where there is no answer at all, `status`
 * is 0 and `json` a problem like any other.
 */
export async function call(url, { key, method = "GET", body, headers = {} }) {
  const began = performance.now();
  try {
    const response = await fetch(url, {
      method,
      body,
      headers: { ...headers, Authorization: `Bearer ${key}` },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    return {
      status: response.status,
      ok: response.ok,
      text,
      json: jsonOf(text),
      header: (name) => response.headers.get(name),
      ms: performance.now() - began,
    };
  } catch (error) {
    return { ...noAnswer(error), ms: performance.now() - began };
  }
}

function noAnswer(error) {
  const detail =
    error.name === "TimeoutError"
      ? `There was no answer within ${PATIENCE_MS / 1_000} seconds.`
      : "There is no connection to the API.";
  const json = { title: "No answer", detail, code: "no_answer" };
  return { status: 0, ok: false, text: "", json, header: () => null };
}

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `encodeURIComponent` leaves marks that mean something inside quotes. */
function encoded(part) {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
