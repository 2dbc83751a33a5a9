// HTML as html-validate judges it.
import assert from "node:assert/strict";
import { pack } from "./rig.mjs";

// How a browser writes down what stands in a page: `disabled=""`, and so on; and two rules of taste, which ask for one of two valid ways.
const AS_WRITTEN_DOWN = { "attribute-boolean-style": "off", "attribute-empty-style": "off", "void-style": "off", "no-trailing-whitespace": "off",
	"no-redundant-for": "off", "prefer-native-element": "off" };

// drawn: what a program made of a page, as page.content() gives it.
export async function validate(html, name, { drawn = false } = {}) {
	const { HtmlValidate } = await pack("html-validate");
	const report = await new HtmlValidate({ extends: ["html-validate:standard", "html-validate:a11y", "html-validate:document"],
		rules: { "require-sri": ["error", { target: "crossorigin" }], ...drawn ? AS_WRITTEN_DOWN : {} } }).validateString(html);

	assert.deepEqual(report.results.flatMap((result) => result.messages.map((m) => `${name}:${m.line}:${m.column} ${m.ruleId}: ${m.message}`)), []);
}
