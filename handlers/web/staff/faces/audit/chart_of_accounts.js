/* Codes of the chart of accounts: their names as words (account_1010), and on which side they grow. */

export const codes = [1010, 1020, 1030, 1210, 1220, 1310, 2010, 2020, 2030, 2040, 2050, 3010, 3020, 5010, 5020, 5030, 8010, 8020, 8030, 8040, 8050];

export const AVAILABLE = 8020;
export const ENCUMBERED = 8030;
export const EXPENDED = 8040;

export function isBudget(code) {
	return Number(code) >= 8000;
}

/* Grows by debits: what we own, what was spent, what was authorised. */
export function isDebit(code) {
	const number = Number(code);
	return number < 2000 || (number >= 5000 && number < 6000) || number === 8010;
}
