"""CodeBuild."""

import moto.codebuild.responses as builds

from .tools import around


def projects_of_pipelines():
    """codebuild:CreateProject: moto wants a location of every source and artifact; those of a pipeline have none on AWS."""

    for name in ("_validate_required_params_source", "_validate_required_params_artifacts"):

        @around(builds, name)
        def validate(original, given):
            return original({"location": "-", **given} if given.get("type") in ("CODEPIPELINE", "NO_SOURCE") else given)


REPAIRS = [projects_of_pipelines]
