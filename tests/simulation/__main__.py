"""`python -m tests.simulation --seed N --histories M`: plays M histories, from seed N on."""

from __future__ import annotations

import argparse
import os
import sys

from tests.simulation.history import Played, failing_seeds, new_seed, play, report, shorten


def main() -> int:
    """Play histories; 1 where one breaks a promise."""
    asked = _arguments()
    print(f"seed {asked.seed}, {asked.histories} histories", flush=True)
    if asked.only:
        return _show(play(asked.seed, {int(number) for number in asked.only.split(",")}))
    bad = 0
    for seed in failing_seeds(asked.seed, asked.histories, asked.processes):
        bad += 1
        first = play(seed)
        _show(shorten(first) if asked.shorten else first)
        if bad >= asked.most:
            break
    print(f"{bad} broke a promise" if bad else "all kept their promises")
    return 1 if bad else 0


def _show(played: Played) -> int:
    print(report(played) if played.findings else played.told)
    return 1 if played.findings else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=new_seed())
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="the numbers of the scenes to play, by comma")
    parser.add_argument("--most", type=int, default=3, help="how many failing histories to show")
    parser.add_argument("--no-shorten", dest="shorten", action="store_false")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
