/** One model: its signature, a call to try, and the same call as code. */

import { body, callFacts, problem, summary } from "./answers.js";
import { call, modelUrl } from "./api.js";
import { badge, byId, element, on, show, table } from "./elements.js";
import { parseExactly, toJson } from "./json.js";
import { emptyBody, hasFreeRows, typeText } from "./signature.js";
import { LANGUAGES, oneRow } from "./snippets.js";

/** The model on the page; answers for an earlier one are dropped. */
let current = {};

/** Show no model. */
export function close() {
  current = {};
  byId("model").hidden = true;
}

/** Show the model `modelId`. */
export async function open(modelId, key) {
  const opened = { modelId, key };
  current = opened;
  byId("model").hidden = false;
  byId("model-facts").hidden = true;
  byId("answer").hidden = true;
  byId("model-title").textContent = modelId;
  byId("model-title").focus();
  show("model-problem");
  const answer = await call(modelUrl(modelId), { key });
  if (current !== opened) return;
  show("model-problem", problem(answer));
  if (!answer.ok) return;
  const { input_schema: inputs } = answer.json;
  opened.hasFreeRows = hasFreeRows(inputs);
  opened.example = toJson(parseExactly(answer.text).input_example ?? emptyBody(inputs));
  showFacts(answer.json);
  showExample();
}

function showFacts(model) {
  const { input_schema: inputs, params_schema: params, output_schema: outputs } = model;
  show("model-status", badge(model.status), ` version ${model.model_version}`);
  show("model-troubles", ...troubles(model));
  show("model-changes", ...changes(model));
  show(
    "signature",
    inputs?.length ? null : "It has no signature: any input is passed on.",
    specifications("Inputs", inputs),
    specifications("Parameters", params),
    specifications("Predictions", outputs),
  );
  byId("model-facts").hidden = false;
}

/** Return why calls fail now, and the newest deployment when it is not the live one. */
function troubles({ circuit, deployments }) {
  const newest = deployments?.[0];
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

/** Return what the live version has changed for callers, and what a newer one would. */
function changes({ deployments }) {
  const live = deployments.find(({ status }) => status === "deployed");
  const shown = deployments[0] === live ? [live] : [deployments[0], live];
  return shown.filter(Boolean).map((deployment) => {
    const { model_version: version, changed_from: from, changes: found } = deployment;
    const rows = found?.map(({ text, breaking }) => [text, breaking ? "yes" : "no"]);
    const caption = `Changes from version ${from} to version ${version}`;
    return table(caption, ["Change", "Breaks callers"], rows);
  });
}

function specifications(caption, specs) {
  const rows = specs?.map((spec) => {
    const optional = spec.required === false ? ", optional" : "";
    const preset = "default" in spec ? `, by default ${toJson(spec.default)}` : "";
    return [element("code", {}, spec.name ?? ""), typeText(spec) + optional + preset];
  });
  return table(caption, ["Name", "Type"], rows);
}

function showExample() {
  byId("body").value = current.example;
  byId("body").rows = Math.min(Math.max(current.example.split("\n").length + 1, 4), 20);
  showSnippet();
}

async function predict() {
  const asked = current;
  const { modelId, key } = asked;
  byId("predict").disabled = true;
  byId("answer").hidden = false;
  show("answer-status", "Waiting for the answer …");
  show("answer-body");
  const url = modelUrl(modelId, "predict");
  const request = { method: "POST", headers: requestHeaders(), body: byId("body").value };
  const answer = await call(url, { key, ...request });
  byId("predict").disabled = false;
  if (current !== asked) return;
  byId("answer-status").dataset.ok = answer.ok;
  show("answer-status", summary(answer));
  show("answer-body", problem(answer), callFacts(answer), body(answer));
}

function requestHeaders() {
  const wait = byId("wait").checked ? { Prefer: "wait=20" } : {};
  return { "Content-Type": "application/json", ...wait };
}

function showSnippet() {
  let [code, fault] = ["", ""];
  try {
    const written = parseExactly(byId("body").value);
    const shown = current.hasFreeRows ? oneRow(written) : written;
    const write = LANGUAGES[byId("languages").querySelector(":checked").value];
    code = write(modelUrl(current.modelId, "predict"), requestHeaders(), shown);
  } catch (error) {
    fault = `This is not JSON: ${error.message}`;
  }
  show("snippet", code);
  show("body-problem", fault);
  show("copied");
}

/** Download the model's document; a link would not send the key. */
async function downloadOpenApi() {
  const { modelId, key } = current;
  const answer = await call(modelUrl(modelId, "openapi.json"), { key });
  show("model-problem", problem(answer));
  if (!answer.ok) return;
  const href = URL.createObjectURL(new Blob([answer.text], { type: "application/json" }));
  element("a", { href, download: `${modelId}.openapi.json` }).click();
  URL.revokeObjectURL(href);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(byId("snippet").textContent);
    show("copied", "Copied.");
  } catch {
    show("copied", "The browser does not allow that; select the text instead.");
  }
}

on("languages", "change", showSnippet);
on("wait", "change", showSnippet);
on("body", "input", showSnippet);
on("reset", "click", showExample);
on("copy", "click", copy);
on("openapi", "click", downloadOpenApi);
on("predict-form", "submit", predict);
