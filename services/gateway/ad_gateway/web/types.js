// @ts-check
/**
 * What the REST interface and the live feed answer, as far as the page reads it.
 *
 * @typedef {"low" | "medium" | "high" | "critical"} Severity
 * @typedef {Record<string, number | null>} Values
 *
 * @typedef {object} Anomaly
 * @property {string} id
 * @property {string} stream
 * @property {string | null} entity
 * @property {string} record_id
 * @property {string} event_time
 * @property {string} detected_time
 * @property {string} algorithm
 * @property {string | null} model_version
 * @property {number} score
 * @property {number} threshold
 * @property {number | null} probability
 * @property {Severity} severity
 * @property {Values} value
 * @property {Values} expected
 * @property {Values} lower
 * @property {Values} upper
 * @property {Values} contributions
 * @property {boolean} cold
 * @property {boolean} imputed
 * @property {boolean} [late]
 * @property {"record" | "silence"} [kind]
 * @property {string | null} [episode_id]
 * @property {string | null} [episode_start_time]
 * @property {string | null} [supersedes]
 * @property {boolean} [retracted]
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {"float" | "integer" | "boolean" | "string" | "timestamp"} type
 *
 * @typedef {object} Schema
 * @property {Field[]} fields
 * @property {string | null} [entity]
 * @property {string | null} [timestamp]
 *
 * @typedef {object} Stream
 * @property {string} name
 * @property {Schema | null} schema
 * @property {{accepted: number, rejected: number}} counts
 *
 * @typedef {object} Deployment
 * @property {string} stream
 * @property {string | null} model
 * @property {number | null} version
 *
 * @typedef {Record<string, unknown>} Row
 *
 * @typedef {object} Connection
 * @property {"connecting" | "live" | "waiting" | "refused"} state
 * @property {string} detail
 */

export {};
