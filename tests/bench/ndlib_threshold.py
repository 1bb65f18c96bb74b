"""NDlib's threshold model on the graph of a file, in the environment that ``make bench`` gives it.

``ndlib_threshold.py EDGES.npz`` prints JSON: the seconds of its iterations, rounds, nodes reached.
"""

import json
import sys
import time

import ndlib.models.epidemics as models
import networkx
import numpy as np
from ndlib.models.ModelConfig import Configuration


def main() -> None:
    given = np.load(sys.argv[1])
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(int(given["nodes"])))
    graph.add_edges_from(zip(given["sources"].tolist(), given["targets"].tolist(), strict=True))
    model = models.ThresholdModel(graph)
    config = Configuration()
    config.add_model_initial_configuration("Infected", [0])
    for node in graph.nodes:
        config.add_node_configuration("threshold", node, 1e-9)
    model.set_initial_status(config)
    spent, down, rounds = 0.0, 0, 0
    while True:
        started = time.process_time()
        step = model.iteration(node_status=False)
        spent += time.process_time() - started
        rounds += 1
        if step["node_count"][1] == down:
            break
        down = step["node_count"][1]
    print(json.dumps({"seconds": spent, "rounds": rounds, "reached": down}))


if __name__ == "__main__":
    main()
