/*
 * The dossier of a reward as it was after a record, out of the file of it: records never change, so what came later is left
 * out and the rest is what it was. Pure.
 */

import { EXPENDED } from "./chart_of_accounts.js";
import { states } from "./fold.js";
import { effect } from "./recount.js";

function stateOf({ kind, data }) {
	return kind !== "attempt.send" && states.includes(data.to) ? data.to : "";
}

function attemptStateOf({ kind, data }) {
	if (kind === "attempt.start")
		return "CREATED";
	return data.attempt_to ?? (kind === "attempt.send" ? data.to ?? "" : "");
}

const legOf = ({ book, code, detail, side, fen }) => [book, code, detail, side, fen];

function saidLeg({ side, book, code, detail, fen }) {
	return [side, book, code, detail, fen].filter((part) => part !== "").join(" ");
}

/* Records are told by the second: what has no number goes before those of its own. */
function secondOf({ at }) {
	return Math.floor(new Date(at).getTime() / 1000);
}

/* When the decisive content came: "15-6BSGY45GAC at=1795357208922 ..." of the case or the proposal. */
function tipAt({ inputs }) {
	const fact = (inputs.facts ?? []).find((one) => one.startsWith(`${inputs.tip} `));
	const found = /\bat=(\d+)/.exec(fact ?? "");
	return found ? Number(found[1]) : null;
}

/* What is in no record of money: the tip, and when the police knew by themselves. */
function outside({ proposal }) {
	const known = Number(proposal.inputs.known_at ?? 0);
	const rows = [{ at: tipAt(proposal), kind: "tip", subject: proposal.inputs.tip }, { at: known || null, kind: "known", subject: "" }];

	return rows.filter((row) => row.at !== null).map((row) => ({ ...row, seq: null, person: "", with: "", role: "", state: "", attempt_state: "", fen: null, entry: "", postings: "", hash: "" }));
}

function rowOf(record, postings) {
	return { ...record, with: record.data.with ?? "", title: record.data.title ?? "", state: stateOf(record), attempt_state: attemptStateOf(record), fen: record.data.fen ? Number(record.data.fen) : null,
		postings: (postings.find((one) => one.seq === record.seq)?.legs ?? []).map(saidLeg).join("; ") };
}

/* { state, held, paid, timeline, postings, approvals } after record `seq`; null when it was not proposed yet. */
export function dossierThen(file, seq) {
	const known = (row) => row.seq <= seq;
	const postings = file.postings.filter(known);
	const rows = file.timeline.filter(known).map((record) => rowOf(record, postings));

	if (!known({ seq: file.reward.first_seq }))
		return null;
	return {
		state: rows.map((row) => row.state).filter(Boolean).at(-1) ?? "DRAFT",
		held: rows.filter((row) => row.kind === "reward.hold" || row.kind === "reward.lift").at(-1)?.kind === "reward.hold",
		paid: postings.flatMap((one) => one.legs).filter((leg) => leg.code === EXPENDED).reduce((sum, leg) => sum + effect(legOf(leg)), 0),
		timeline: [...outside(file), ...rows].sort((a, b) => secondOf(a) - secondOf(b) || (a.seq ?? 0) - (b.seq ?? 0)),
		approvals: file.approvals.filter(known),
		proposal: known(file.proposal) ? file.proposal : null,
	};
}
