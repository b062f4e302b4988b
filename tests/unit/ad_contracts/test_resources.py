import json
import subprocess
import sys
import zipfile
from pathlib import Path

from ad_contracts import resources

ROOT = Path(__file__).parents[3]


def test_the_work_tree_is_read_beside_the_package() -> None:
    assert resources.root() == ROOT / "contracts"
    assert {file.event for file in resources.schema_files()} == resources.newest_schemas().keys()


def test_versions_of_an_event_come_in_order() -> None:
    files = resources.schema_files()
    assert list(files) == sorted(files, key=lambda file: (file.event, file.version))


def test_the_wheel_carries_topics_and_schemas_and_works_without_the_work_tree(tmp_path: Path) -> None:
    build = (
        "import sys; from hatchling.builders.wheel import WheelBuilder;"
        "next(WheelBuilder(sys.argv[1]).build(directory=sys.argv[2], versions=['standard']))"
    )
    subprocess.run([sys.executable, "-c", build, ROOT / "contracts", tmp_path], check=True, timeout=60)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(tmp_path / "site")
    ask = (
        "import json; from ad_contracts import resources; from ad_contracts.topics import topic;"
        "print(json.dumps([str(resources.root()), topic('records', 'default'), len(resources.schema_files())]))"
    )
    env = {"PYTHONPATH": str(tmp_path / "site")}
    answer = subprocess.run(
        [sys.executable, "-c", ask], env=env, cwd=tmp_path, check=True, capture_output=True, timeout=60
    )
    root, name, count = json.loads(answer.stdout)
    assert Path(root) == tmp_path / "site" / "ad_contracts"
    assert (name, count) == ("records.default", len(resources.schema_files()))
