/** Properties are tried with the same examples each time, so that no test fails by chance; `EXAMPLES=20000 npm test`
 * tries others, and so many of each. */
import fc from "fast-check";

const examples = process.env.EXAMPLES;
fc.configureGlobal(examples ? { numRuns: Number(examples) } : { seed: 1 });
