"""Why a training process ended without a result, in words for the one who asked for the model."""

import signal

KILLED = (
    "the training process was killed by the system, most likely because the machine ran out of memory; "
    "use fewer rows or a smaller model"
)


def out_of_memory(limit_mb: int) -> str:
    return (
        f"the training needed more memory than its limit of {limit_mb} MB; "
        "raise memory_limit_mb, or use fewer rows or a smaller model"
    )


def out_of_time(limit_seconds: float) -> str:
    return (
        f"the job did not finish within its time limit of {limit_seconds:g} s; "
        "raise time_limit_seconds, or use fewer rows or a smaller model"
    )


def reason_of_exit(code: int, last_words: str, memory_limit_mb: int) -> str:
    """`code` as the operating system gave it (negative: the signal), `last_words` the end of its error output."""
    if code == -signal.SIGKILL:
        return KILLED
    # Compiled libraries do not raise when memory ends, they print and abort.
    if "memory" in last_words.lower():
        return out_of_memory(memory_limit_mb)
    if code < 0:
        return f"the training process crashed with {_signal_name(-code)}; the log of the service has more"
    line = last_words.strip().splitlines()[-1:] or ["it said nothing"]
    return f"the training process ended with exit code {code}: {line[0][:300]}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
