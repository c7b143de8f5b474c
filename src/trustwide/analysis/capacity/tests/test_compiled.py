"""The folder of compiled kernels is named for the text of every file they are made of."""

from trustwide.analysis.capacity import compiled


def test_every_file_with_kernels_counts():
    folder = compiled._FOLDER
    with_kernels = {
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.rglob("*.py")
        if "trustwide.analysis.capacity.compiled import" in path.read_text(encoding="utf-8")
        and "tests" not in path.relative_to(folder).parts
    }
    assert "walk_in" in with_kernels
    assert with_kernels <= set(compiled._SOURCES)
