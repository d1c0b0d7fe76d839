"""Many pads that draw at once: each asks at a fixed rate and waits for nobody. A process of its own, for benchmarks.

    python benchmarks/pads.py PORT NUM_PADS SECONDS RATE < REQUEST_BODY

Prints one JSON line: how many requests were due, answered and lost, and the latencies, counted from the moment at which
a request was due and not from that at which it was sent, so that a server that falls behind cannot hide it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time


async def draw(port: int, request: bytes, dues: list[float], latencies: list[float]) -> None:
    """One pad: a connection of its own, one request after the other, each at its due time or as soon as possible."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for due in dues:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - due)
    writer.close()


async def main() -> None:
    """Let the pads draw, then print what became of it."""
    port, num_pads, seconds, rate = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    body = sys.stdin.buffer.read()
    head = f"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    begin = time.perf_counter() + 0.5
    latencies: list[float] = []
    pads = []
    for number in range(num_pads):  # spread over the interval, as people are
        first = begin + number / num_pads / rate
        pads.append(draw(port, request, [first + n / rate for n in range(int(seconds * rate))], latencies))
    # Twice the time, and then what has not been answered is lost.
    done = asyncio.gather(*pads, return_exceptions=True)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(done, 2 * seconds + 5)
    took = time.perf_counter() - begin
    due = num_pads * int(seconds * rate)
    ordered = sorted(latencies) or [float("nan")]
    answer = {
        "num_pads": num_pads,
        "answers_per_second_due": num_pads * rate,
        "answers_per_second": round(len(latencies) / took, 1),
        "num_due": due,
        "num_lost": due - len(latencies),
        **{f"p{p}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000, 2) for p in (50, 99)},
        "max_ms": round(ordered[-1] * 1000, 2),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    asyncio.run(main())
