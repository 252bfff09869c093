/** Exit statuses that mean the same in uWSGI. */

/** No application could be loaded. */
export const APPLICATION_FAILED = 22;

/** A server without a master was told to end by a signal. */
export const ENDED_WITHOUT_MASTER = 30;
