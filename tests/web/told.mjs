// How a program of these tests tells its results, as the other suites do: one line a story, and at the end
// "N passed, N failed".
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const LIMIT_S = 180 * Number(process.env.TIPLINE_PATIENCE ?? "1");
const stories = [];

export function story(name, run) {
	stories.push({ name, run });
}

// The time only ends what hangs.
function bounded(work) {
	let timer;
	const late = new Promise((_, fail) => {
		timer = setTimeout(() => fail(new Error(`not done after ${LIMIT_S} s`)), LIMIT_S * 1000);
	});

	return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

// Runs the stories one after the other; around.begin() before them, around.end() behind, whatever happened.
// STORY=words runs those alone whose names have the words in them.
export async function tell(around = {}) {
	let failed = 0, passed = 0;

	try {
		await around.begin?.();
		for (const { name, run } of stories.filter((one) => one.name.includes(process.env.STORY ?? ""))) {
			const began = Date.now();

			try {
				await bounded(run());
				passed++;
				console.log(`ok ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
			} catch (error) {
				failed++;
				console.log(`FAILED ${name}\n${error.stack ?? error}`);
				await around.failed?.(name);
			}
		}
	} catch (error) {
		failed++;
		console.log(error.stack ?? error);
	} finally {
		await Promise.resolve(around.end?.()).catch((error) => {
			failed++;
			console.log(error.stack ?? error);
		});
	}
	console.log(`${passed} passed, ${failed} failed`);
	process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
