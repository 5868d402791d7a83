"""Durable steps of SpiffWorkflow: after each step the whole state is saved in PostgreSQL and committed.

spiff.py SECONDS WORKERS, with the address of the database in ZT_URL; prints one line of JSON for each model.
"""
import json
import multiprocessing
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psycopg
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:d"><process id="p" isExecutable="true">'
MODELS = json.loads((Path(__file__).parent / "models.json").read_text())


def specification(name):
    with tempfile.NamedTemporaryFile("w", suffix=".bpmn") as file:
        file.write(HEAD + MODELS[name] + "</process></definitions>")
        file.flush()
        parser = BpmnParser()
        parser.add_bpmn_file(file.name)
        return parser.get_spec("p")


def work(name, seconds, steps):
    spec, serializer = specification(name), BpmnWorkflowSerializer()
    with psycopg.connect(os.environ["ZT_URL"], autocommit=True) as connection:
        until, done = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            workflow, number = BpmnWorkflow(spec), uuid.uuid4()
            workflow.do_engine_steps()
            connection.execute("INSERT INTO peer_state VALUES (%s, %s)", (number, serializer.serialize_json(workflow)))
            done += 1
            while time.monotonic() < until:
                ready = [t for t in workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual]
                if not ready:
                    break
                ready[0].run()
                workflow.do_engine_steps()
                state = serializer.serialize_json(workflow)
                connection.execute("UPDATE peer_state SET state = %s WHERE id = %s", (state, number))
                done += 1
        with steps.get_lock():
            steps.value += done


def main():
    seconds, workers = float(sys.argv[1]), int(sys.argv[2])
    with psycopg.connect(os.environ["ZT_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS peer_state (id uuid PRIMARY KEY, state text NOT NULL)")
    for name in MODELS:
        steps = multiprocessing.Value("q", 0)
        hands = [multiprocessing.Process(target=work, args=(name, seconds, steps)) for _ in range(workers)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        print(json.dumps({"peer": "SpiffWorkflow 3.2.0", "figure": name, "steps_per_second": round(steps.value / seconds)}), flush=True)


if __name__ == "__main__":
    main()
