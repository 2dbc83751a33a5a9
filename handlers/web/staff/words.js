/*
 * What the program says, in two languages. Texts lie in words/<part>.<language>.json; the shell's and those of
 * its parts (ui/) are here from the start, a face adds its own when it is loaded. tests/web/words.mjs holds both
 * languages to having the same names.
 */

import partsEn from "./words/parts.en.json";
import partsZh from "./words/parts.zh-CN.json";
import en from "./words/shell.en.json";
import zh from "./words/shell.zh-CN.json";

const texts = { "zh-CN": { ...zh, ...partsZh }, en: { ...en, ...partsEn } };
const changed = new Set();
let chosen = navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";

/* Of a face: addWords({ "zh-CN": zh, en }). */
export function addWords(more) {
	for (const tag of Object.keys(texts))
		Object.assign(texts[tag], more[tag]);
}

export function language() {
	return chosen;
}

export function switchLanguage() {
	chosen = chosen === "en" ? "zh-CN" : "en";
	for (const tell of changed)
		tell();
}

/* Calls tell() after every change of the language; returns how to stop that. */
export function onLanguage(tell) {
	changed.add(tell);
	return () => changed.delete(tell);
}

/* The words of that name; {key} is filled in from `values`. An unknown name stands for itself. */
export function say(name, values = {}) {
	const text = known(name) ? texts[chosen][name] : name;
	return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

export function known(name) {
	return Object.hasOwn(texts[chosen], name);
}

export function sayAge(ms) {
	const minutes = Math.max(0, Math.floor(ms / 60000));
	if (minutes < 60)
		return say("minutes", { n: minutes });
	if (minutes < 48 * 60)
		return say("hours", { n: Math.floor(minutes / 60) });
	return say("days", { n: Math.floor(minutes / 1440) });
}

export function sayBytes(bytes) {
	if (bytes < 1024)
		return `${bytes} B`;
	if (bytes < 1024 * 1024)
		return `${(bytes / 1024).toFixed(0)} KiB`;
	return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
