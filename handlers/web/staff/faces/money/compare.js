/*
 * A proposal beside what the policy gives: read from the calculator's own trace and the policy's rules, never reckoned
 * anew. Each row says in words where the two differ.
 */

import { sayMoney } from "../../ui/values.js";
import { say } from "../../words.js";
import { sayName } from "./parts.js";

const SHARED = ["first", "supplement", "weight"];   /* the steps that give a tip its part */

function stepOf(trace, name, tip) {
	return trace.findLast((line) => line.step === name && (tip === undefined || line.in.tip === tip));
}

function isNumber(text) {
	return /^-?\d+$/.test(text ?? "");
}

/* What the policy gives for all shares, before a person set it; null where it leaves that to one. */
export function policyFen(trace) {
	const by = trace.findIndex((line) => line.step === "override");
	const before = by < 0 ? trace : trace.slice(0, by);
	const parts = new Map(before.filter((line) => SHARED.includes(line.step) && isNumber(line.out)).map((line) => [line.in.tip, BigInt(line.out)]));

	return parts.size === 0 ? null : [...parts.values()].reduce((sum, fen) => sum + fen, 0n);
}

function share(file) {
	const { tip, member } = file.proposal.inputs;
	return file.proposal.trace.find((line) => line.step === "share" && line.in.tip === tip && line.in.member === String(member ?? "0"));
}

function amountRow(file) {
	const { override_fen: override, override_reason: reason } = file.proposal.inputs;
	const given = policyFen(file.proposal.trace);
	const row = { word: "money_cmp_amount", policy: given === null ? say("money_cmp_left") : sayMoney(given), proposed: sayMoney(override ?? given) };

	if (override === undefined)
		return { ...row, told: say("money_cmp_same"), differs: false };
	const over = given === null ? null : BigInt(override) - given;
	const told = over === null ? say("money_cmp_by_hand") : over === 0n ? say("money_cmp_same")
		: say(over > 0n ? "money_cmp_more" : "money_cmp_less", { fen: sayMoney(over > 0n ? over : -over) });
	return { ...row, told: [told, reason ? say("money_cmp_because", { reason }) : say("money_cmp_no_reason")].join(" "), differs: true };
}

function shareRow(file) {
	const line = share(file);
	const byHand = file.proposal.inputs.override_fen !== undefined;
	const shares = file.proposal.trace.filter((one) => one.step === "share").length;

	return { word: "money_cmp_share", proposed: sayMoney(file.reward.fen), policy: byHand || !line ? "–" : sayMoney(line.out),
		told: say(shares > 1 ? "money_cmp_one_of" : "money_cmp_only", { n: shares }), differs: !line || line.out !== String(file.reward.fen) };
}

function bandRow(file) {
	const { trace, inputs } = file.proposal;
	const line = stepOf(trace, "band", inputs.tip);
	const bands = Object.entries(line?.in.bands ?? {});

	if (bands.length === 0)
		return null;
	return { word: "money_cmp_band", proposed: bands.map(([name]) => sayName("trace_band", name)).join(", "),
		policy: bands.map(([, fen]) => sayMoney(fen)).join(", "), told: bands.length > 1 ? say("money_cmp_counts", { fen: sayMoney(line.out) }) : say("money_cmp_same"), differs: false };
}

function pointsRow(file, rules) {
	const { trace, inputs } = file.proposal;
	const factors = Object.entries(stepOf(trace, "points", inputs.tip)?.in.factors ?? {});
	const ranges = rules?.factors ?? {};
	const outside = factors.filter(([name, points]) => ranges[name] && (Number(points) < ranges[name][0] || Number(points) > ranges[name][1]));

	if (factors.length === 0)
		return { word: "money_cmp_points", proposed: say("money_cmp_none"), policy: "0", told: say("money_cmp_same"), differs: false };
	return { word: "money_cmp_points", proposed: factors.map(([name, points]) => `${sayName("trace_factor", name)} ${points}`).join(", "),
		policy: factors.map(([name]) => ranges[name] ? say("money_cmp_range", { from: ranges[name][0], to: ranges[name][1] }) : "–").join(", "),
		told: say(outside.length > 0 ? "money_cmp_outside" : "money_cmp_within"), differs: outside.length > 0 };
}

function clampRow(file) {
	const line = stepOf(file.proposal.trace, "clamp", file.proposal.inputs.tip);

	if (!line)
		return null;
	return { word: "money_cmp_limits", proposed: sayMoney(line.in.rounded), policy: say("money_cmp_range", { from: sayMoney(line.in.min), to: sayMoney(line.in.max) }),
		told: say(`money_clamped_${line.in.clamped}`, { fen: sayMoney(line.out) }), differs: line.in.clamped !== "no" };
}

function capRow(file) {
	const line = stepOf(file.proposal.trace, "case_cap");

	if (!line)
		return null;
	const cut = line.out !== line.in.pool;
	return { word: "money_cmp_cap", proposed: say("money_cmp_before", { fen: sayMoney(line.in.decided_before) }), policy: sayMoney(line.in.case_cap),
		told: say(cut ? "money_cmp_cut" : "money_cmp_room", { fen: sayMoney(line.out) }), differs: cut };
}

function outsideRow(file) {
	const { external_award: award } = file.proposal.inputs;
	const none = (award ?? "0") === "0";

	return { word: "money_cmp_outside_award", proposed: none ? say("money_cmp_none") : sayMoney(award), policy: "–",
		told: say(none ? "money_cmp_same" : "money_cmp_award"), differs: !none };
}

function policyRow(file, versions) {
	const line = stepOf(file.proposal.trace, "policy");
	const name = line?.in.name;
	const later = versions.filter((one) => one.name === name && one.adopted).toSorted((a, b) => b.adopted_seq - a.adopted_seq)[0];
	const old = later !== undefined && later.hash !== file.reward.policy;

	return { word: "money_cmp_policy", proposed: say("money_cmp_version", { name, n: line?.in.version ?? "" }),
		policy: later ? say("money_cmp_version", { name, n: later.version }) : "–", told: say(old ? "money_cmp_newer" : "money_cmp_same"), differs: old };
}

/* A verifier may record a case anew: what was reckoned with is not what is known now. */
function caseRow(file) {
	if (!file.case)
		return null;
	const anew = file.case.seq > file.proposal.seq;

	return { word: "money_cmp_case", proposed: say("money_cmp_record", { seq: file.proposal.seq }), policy: say("money_cmp_record", { seq: file.case.seq }),
		told: say(anew ? "money_cmp_anew" : "money_cmp_case_same"), differs: anew };
}

export function compared(file, rules, versions) {
	if (!file.proposal.trace)
		return [];
	return [amountRow(file), shareRow(file), bandRow(file), pointsRow(file, rules), clampRow(file), capRow(file), outsideRow(file), policyRow(file, versions),
		caseRow(file)].filter((row) => row !== null);
}
