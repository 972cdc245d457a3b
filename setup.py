"""What pyproject.toml cannot say: the wheel carries the dbt project."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# As python_ml/command_line/dbt_project.py names them; before it is installed it
# cannot be imported.
PARTS = ["dbt_project.yml", "profiles.yml", "macros", "models", "seeds"]
PARTS += ["tests/generic"]


class WithDbtProject(build_py):
    """Builds the package with the dbt project inside it."""

    def run(self) -> None:
        """Copy the project beside the modules."""
        super().run()
        if self.editable_mode:
            return
        folder = Path(self.build_lib) / "python_ml" / "_dbt"
        shutil.rmtree(folder, ignore_errors=True)
        for part in PARTS:
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if Path(part).is_dir() else shutil.copy
            copy(part, folder / part)


setup(cmdclass={"build_py": WithDbtProject})
