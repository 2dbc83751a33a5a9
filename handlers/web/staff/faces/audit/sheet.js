/*
 * Tables as files. CSV as RFC 4180 has it, UTF-8 with a mark for spreadsheets, fen and yuan beside each other, and no cell
 * that a spreadsheet would take for a formula. Pure.
 */

const MARK = "\uFEFF";

/* An id of digits would come back as another number, as on the server (daemon/base/csv_out.c). */
function losesDigits(value) {
	return typeof value === "string" && /^(0\d+|\d{12,}|\d+(\.\d+)?e[+-]?\d+)$/i.test(value);
}

function cell(value) {
	const text = String(value ?? "");
	const runs = /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
	const safe = runs || losesDigits(value) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/* "-12.05" of -1205, by whole numbers alone. */
export function yuan(fen) {
	const whole = BigInt(fen);
	const size = whole < 0n ? -whole : whole;
	return `${whole < 0n ? "-" : ""}${size / 100n}.${String(size % 100n).padStart(2, "0")}`;
}

/* columns: { key, csv?, money? }; a money column becomes two: its fen, and <key>_yuan. */
function expanded(columns) {
	return columns.flatMap(({ key, csv = (row) => row[key], money }) => money
		? [{ key: `${key}_fen`, of: csv }, { key: `${key}_yuan`, of: (row) => csv(row) === null || csv(row) === undefined ? "" : yuan(csv(row)) }]
		: [{ key, of: csv }]);
}

export function toCsv(columns, rows) {
	const all = expanded(columns);
	const lines = [all.map(({ key }) => cell(key)), ...rows.map((row) => all.map(({ of }) => cell(of(row))))];
	return `${MARK}${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

function objects(columns, rows) {
	return rows.map((row) => Object.fromEntries(columns.map(({ key, csv = (one) => one[key], money }) => [money ? `${key}_fen` : key, csv(row) ?? null])));
}

export function toJson(columns, rows) {
	return `${JSON.stringify(objects(columns, rows), null, "\t")}\n`;
}

export function toJsonl(columns, rows) {
	return objects(columns, rows).map((row) => `${JSON.stringify(row)}\n`).join("");
}
