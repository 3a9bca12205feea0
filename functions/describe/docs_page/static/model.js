/** One model: its signature, a call to try, and the same call as code. */

import { problem, shown, summary } from "./answers.js";
import { call, modelUrl } from "./api.js";
import { badge, byId, element, show, table } from "./elements.js";
import { parseExactly, toJson } from "./json.js";
import { emptyBody, hasFreeRows, typeText } from "./signature.js";
import { LANGUAGES, oneRow } from "./snippets.js";

const JSON_TYPE = { "Content-Type": "application/json" };
const WAIT = { Prefer: "wait=20" };

/** The model on the page; answers for an earlier one are dropped. */
let current = {};

/** Show no model. */
export function close() {
  current = {};
  byId("model").hidden = true;
}

/** Show the model `modelId`. */
export async function open(modelId, key) {
  const opened = { modelId, key, example: "" };
  current = opened;
  byId("model").hidden = false;
  byId("model-facts").hidden = true;
  byId("answer").hidden = true;
  byId("model-title").textContent = modelId;
  byId("model-title").focus();
  show("model-problem");
  const answer = await call(modelUrl(modelId), { key });
  if (current !== opened) return;
  if (!answer.ok) {
    show("model-problem", ...problem(answer));
    return;
  }
  const { input_example: example } = parseExactly(answer.text);
  opened.hasFreeRows = hasFreeRows(answer.json.input_schema);
  opened.example = toJson(example ?? emptyBody(answer.json.input_schema));
  showFacts(answer.json);
  reset();
}

function showFacts(model) {
  show("model-status", badge(model.status), ` version ${model.model_version}`);
  show("model-troubles", ...troubles(model));
  const { input_schema, params_schema, output_schema } = model;
  show(
    "signature",
    input_schema?.length ? null : element("p", {}, "It has no signature: any input is passed on."),
    specifications("Inputs", input_schema, "Required", ({ required }) =>
      required === false ? "no" : "yes",
    ),
    specifications("Parameters", params_schema, "Default", (spec) => toJson(spec.default)),
    specifications("Predictions", output_schema),
  );
  byId("model-facts").hidden = false;
}

/** Reasons why calls fail now, and the newest request when it is not the live one. */
function troubles({ circuit, deployments = [] }) {
  const [newest] = deployments;
  const found = [];
  if (circuit && circuit !== "closed") {
    found.push("It has failed repeatedly; calls are held back until it answers again.");
  }
  if (newest && newest.status !== "deployed") {
    const reason = newest.reason ? `: ${newest.reason}` : ".";
    found.push(`Version ${newest.model_version} is ${newest.status}${reason}`);
  }
  return found.map((text) => element("p", { className: "hint" }, text));
}

/** Return a table of types, with names where there are any, and the third column `third`. */
function specifications(caption, specs, heading, third) {
  const named = specs?.some(({ name }) => name);
  const headings = [named ? "Name" : null, "Type", heading ?? null];
  const rows = (specs ?? []).map((spec) => [
    named ? element("code", {}, spec.name ?? "") : null,
    typeText(spec),
    third ? third(spec) : null,
  ]);
  const there = (cell) => cell !== null;
  return table(caption, headings.filter(there), rows.map((cells) => cells.filter(there)));
}

function reset() {
  byId("body").value = current.example;
  byId("body").rows = Math.min(Math.max(current.example.split("\n").length + 1, 4), 20);
  showSnippet();
}

async function predict() {
  const asking = current;
  const button = byId("predict");
  button.disabled = true;
  byId("answer").hidden = false;
  byId("answer-status").textContent = "Waiting for the answer …";
  show("answer-body");
  const answer = await call(modelUrl(asking.modelId, "predict"), {
    key: asking.key,
    method: "POST",
    body: byId("body").value,
    headers: headers(),
  });
  button.disabled = false;
  if (current !== asking) return;
  byId("answer-status").textContent = summary(answer);
  byId("answer").dataset.ok = answer.ok;
  show("answer-body", ...shown(answer));
}

function headers() {
  return byId("wait").checked ? { ...JSON_TYPE, ...WAIT } : JSON_TYPE;
}

function showSnippet() {
  const write = LANGUAGES[byId("languages").querySelector("input:checked").value];
  let [code, problemText] = ["", ""];
  try {
    const body = parseExactly(byId("body").value);
    const sent = current.hasFreeRows ? oneRow(body) : body;
    code = write(modelUrl(current.modelId, "predict"), headers(), sent);
  } catch (error) {
    problemText = `This is not JSON: ${error.message}`;
  }
  byId("snippet").textContent = code;
  byId("body-problem").textContent = problemText;
  byId("copied").textContent = "";
}

/** Download the model's document; a link would not send the key. */
async function downloadOpenApi() {
  const { modelId, key } = current;
  const answer = await call(modelUrl(modelId, "openapi.json"), { key });
  if (!answer.ok) {
    show("model-problem", ...problem(answer));
    return;
  }
  const file = URL.createObjectURL(new Blob([answer.text], { type: "application/json" }));
  element("a", { href: file, download: `${modelId}.openapi.json` }).click();
  URL.revokeObjectURL(file);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(byId("snippet").textContent);
    byId("copied").textContent = "Copied.";
  } catch {
    byId("copied").textContent = "The browser does not allow that; select the text instead.";
  }
}

function languageChoice(name, index) {
  const input = element("input", { type: "radio", name: "language", value: name });
  input.checked = index === 0;
  return element("label", {}, input, name);
}

byId("languages").append(...Object.keys(LANGUAGES).map(languageChoice));
byId("languages").addEventListener("change", showSnippet);
byId("wait").addEventListener("change", showSnippet);
byId("copy").addEventListener("click", copy);
byId("openapi").addEventListener("click", downloadOpenApi);
byId("body").addEventListener("input", showSnippet);
byId("reset").addEventListener("click", reset);
byId("predict-form").addEventListener("submit", (event) => {
  event.preventDefault();
  predict();
});
