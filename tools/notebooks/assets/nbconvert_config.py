"""Configuration for `jupyter nbconvert --config`: keeps the message of a failed cell.

The tslab kernel reports a failure only as the status of its reply and prints the message on stderr, so
nbconvert itself cannot name the error.
"""

import json
import os


def keep_failure(cell, cell_index, execute_reply):
    if execute_reply["content"]["status"] != "error":
        return
    said = [output["text"] for output in cell.outputs if output.get("name") == "stderr"]
    with open(os.environ["FERMATA_NOTEBOOK_FAILURE"], "w", encoding="utf-8") as file:
        json.dump({"cell": cell_index + 1, "source": cell.source, "message": "".join(said)}, file)


c = get_config()  # noqa: F821
c.ExecutePreprocessor.on_cell_executed = keep_failure
