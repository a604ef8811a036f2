"""
Print every ratio in one run. Times differ between machines and with their load; the ratios differ far less.

Nothing here fails for being slow. The exit status is 1 only where drilllib and aerleon decide a flow differently.
"""

from bench import decisions, growth, notebooks, startup
from bench.table import print_table


def main() -> None:
    """Measure and print, the quick parts first."""
    columns = ("compared", "ratio", "difference", "budget", "medians")
    print_table(columns, [*startup.rows(), decisions.row(), notebooks.row()])
    print_table(growth.RULE_COLUMNS, growth.rule_rows())
    print_table(growth.NODE_COLUMNS, growth.node_rows())


if __name__ == "__main__":
    main()
