"""The engine behind both desks: gather, decide, evolve, commit, deliver; coroutines, written once."""
