import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { gzipSync } from "node:zlib";

import { KINDS } from "../explain.js";
import { LANGS, WORDS, translator } from "../i18n.js";
import { REASONS } from "../reasons.js";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const modules = readdirSync(new URL("..", import.meta.url)).filter((name) => name.endsWith(".js"));
const page = read("index.html");
const LIBRARY = "vendor/lightweight-charts.standalone.production.mjs";

test("every word is there in both languages, with the same blanks", () => {
  for (const [key, words] of Object.entries(WORDS)) {
    assert.equal(words.length, LANGS.length, key);
    const blanks = words.map((word) => [...word.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort().join());
    assert.ok(words.every((word) => word.trim() !== ""), key);
    assert.equal(new Set(blanks).size, 1, `${key}: ${blanks}`);
  }
});

test("every key that the page or its modules name exists", () => {
  const inPage = [...page.matchAll(/data-t(?:-\w+)?="([^"]+)"/g)].map(([, key]) => key);
  const inCode = modules.flatMap((name) => [...read(name).matchAll(/\bt\("([^"]+)"/g)].map(([, key]) => key));
  assert.ok(inPage.length > 30 && inCode.length > 15);
  for (const key of [...inPage, ...inCode]) assert.ok(WORDS[key], key);
});

test("every key made from a value exists for each value", () => {
  const made = {
    phase: ["pre_open", "trial", "open", "closing", "closed", "holiday", "unknown"], state: ["ok", "stale", "down", "unknown"],
    hop: ["feed", "kafka", "spark", "database", "page"], link: ["connecting", "stale", "reconnecting"], market: ["TSE", "OTC", "ESB", "TIB", "PSB"],
    replay: ["waiting", "playing", "paused", "ended"], sma: ["5", "10", "15"], mark_auction: ["open", "close", "call"], mark: ["gap", "lost", "healed", "pause"], gap: ["open", "lost", "healed"], badge: ["trial", "closing", "delayed_open", "delayed_close"],
    second: ["traded", "empty", "unknown", "halted", "trial", "closed"], kind: [...KINDS, "other"], proof: ["sealed", "open", "broken", "unknown"].flatMap((state) => [state, `${state}_hint`]), alert: ["price", "over", "under", "gap", "stale"], theme: ["system", "light", "dark"], colours: ["tw", "us"],
  };
  for (const [stem, values] of Object.entries(made)) for (const value of values) assert.ok(WORDS[`${stem}_${value}`], `${stem}_${value}`);
  for (const word of REASONS) assert.ok(WORDS[word], word);
});

test("a word that does not exist is a fault, not a blank", () => assert.throws(() => translator("en")("nonsense"), /no word for nonsense/));

test("averages are called by their seconds: a bare 5MA is a five-day line", () => {
  assert.deepEqual([5, 10, 15].map((window) => translator("zh-TW")(`sma_${window}`)), ["5秒均", "10秒均", "15秒均"]);
  assert.doesNotMatch(JSON.stringify(WORDS), /\d+\s?MA\b/);
});

test("the page has no inline script or style, and asks no other origin", () => {
  assert.doesNotMatch(page, /<style\b|style="|<script(?![^>]*src=)|\son\w+=/);
  assert.doesNotMatch(page.replaceAll("http://www.w3.org/2000/svg", "").replaceAll("%20", ""), /https?:\/\//);
});

test("no module writes markup", () => {
  for (const name of modules) assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
});

test("only one module knows the chart library", () => {
  assert.deepEqual(modules.filter((name) => /from "\.\/vendor\//.test(read(name))), ["chart.js"]);
});

test("every module is asked for at once, not one after another, but those that come with their first use", () => {
  const late = modules.filter((name) => modules.some((each) => read(each).includes(`await import("./${name}")`)));
  assert.ok(late.every((name) => !modules.some((each) => read(each).includes(`from "./${name}"`))), "late for one is late for all");
  const asked = modules.filter((name) => page.includes(`<link rel="modulepreload" href="${name}">`));
  assert.deepEqual(asked, modules.filter((name) => name !== "main.js" && !late.includes(name)));
});

test("the vendored library is what its README says", () => {
  const readme = read("vendor/README.md");
  const library = read(LIBRARY);
  assert.ok(readme.includes(createHash("sha256").update(library).digest("hex")));
  assert.ok(readme.includes(`| ${JSON.parse(read("package.json")).devDependencies["lightweight-charts"]} |`));
  assert.ok(library.includes(`v${JSON.parse(read("package.json")).devDependencies["lightweight-charts"]}`));
});

test("the hash that the policy allows is of the library's one style", () => {
  const styles = [...read(LIBRARY).matchAll(/\.innerText="([^"]*)"/g)].map(([, style]) => style);
  assert.equal(styles.length, 1);
  const hash = createHash("sha256").update(styles[0]).digest("base64");
  assert.ok(read("vendor/README.md").includes(`'sha256-${hash}'`));
});

test("all that a visit transfers is within 150 kB, gzipped", () => {
  const asked = [...page.matchAll(/(?:href|src)="([\w./-]+\.(?:js|mjs|css))"/g)].map(([, path]) => path);
  const sizes = ["index.html", ...new Set(asked)].map((path) => gzipSync(read(path)).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(asked.length > modules.length);
  assert.ok(total < 150_000, `${total} bytes`);
});
