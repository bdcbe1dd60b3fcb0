"""Demonstrations for the audit: each runs in an empty folder, prints little, asserts its claim.

They need git and Python; `curly-quote` also actionlint, `dvc-push-nothing` DVC and an S3 at
AWS_ENDPOINT_URL. What `sleep 60` takes for a deployment needs a cluster and is not here.
"""

import sys
import tempfile
from contextlib import chdir
from pathlib import Path

import yaml
from curly import curly_quote
from dvc_push import dvc_push_nothing

from mlops_lab.core import process

MLOPS = Path(__file__).parents[1] / "mlops"
AS = ("-c", "user.name=demo", "-c", "user.email=demo@localhost", "-c", "init.defaultBranch=main")


def git(folder: str | Path, *arguments: str, fails: bool = False) -> str:
    """Run git in a folder and return what it printed; `fails` says which way it must end."""
    command = ["git", *AS, "-C", str(folder), *arguments]
    done = process.attempt(*command)
    assert bool(done.returncode) == fails, process.failure(done)
    return (done.stdout + done.stderr).strip()


def commit(folder: str | Path, name: str, text: str) -> str:
    """Commit one file and return the commit."""
    (Path(folder) / name).write_text(text, encoding="utf-8")
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "--message", f"{name}: {text.split()[0]}")
    return git(folder, "rev-parse", "HEAD")


def shared(*clones: str) -> None:
    """A server's repository with one commit on main, and clones of it."""
    git(".", "init", "--quiet", "first")
    commit("first", "README", "begin")
    git(".", "clone", "--quiet", "--bare", "first", "server.git")
    for name in clones:
        git(".", "clone", "--quiet", "server.git", name)


def mutable_tag() -> None:
    """`uses: x@v1` is looked up anew by every run; a commit's SHA stays what it is."""
    git(".", "init", "--quiet", "action")
    good = commit("action", "action.py", "print('builds your image')\n")
    git("action", "tag", "v1")
    before = git("action", "show", "v1:action.py")
    commit("action", "action.py", "print('reads your secrets')\n")
    git("action", "tag", "--force", "v1")
    after, pinned = (
        git("action", "show", "v1:action.py"),
        git("action", "show", f"{good}:action.py"),
    )
    print(f"@v1 before: {before}\n@v1 after:  {after}\n@<sha>:     {pinned}")
    assert before != after
    assert pinned == before


def push_race() -> None:
    """Of two deployments at once the naive one loses; `publish` gets both in."""
    shared("quick", "slow")
    commit("quick", "a.yaml", "digest-1\n")
    commit("slow", "b.yaml", "digest-2\n")
    git("quick", "push", "origin", "HEAD:main")
    refused = git("slow", "push", "origin", "HEAD:main", fails=True)
    print("naive:", next(line.strip() for line in refused.splitlines() if "rejected" in line))
    assert "fetch first" in refused
    assert "b.yaml" not in git("server.git", "ls-tree", "--name-only", "main")
    git("slow", "reset", "--quiet", "--soft", "HEAD~1")
    sys.path.insert(0, str(MLOPS))
    from delivery.repository import publish

    publish(Path("slow"), "Deploy", ["b.yaml"])
    kept = git("server.git", "ls-tree", "--name-only", "main").split()
    print("hardened:", *kept)
    assert kept == ["README", "a.yaml", "b.yaml"]


MANIFEST = """\
spec:
  predictor:
    containers:
      - name: kserve-container
        image: registry.example.com/churn/predictor:latest
      - name: log-shipper
        image: registry.example.com/log-shipper:3.2
"""


def sed_wrong_image() -> None:
    """sed knows lines: the sidecar gets the model server's image. An edit by name changes one.

    The edit by name is the rule of `kustomize edit set image`, without kustomize.
    """
    Path("naive.yaml").write_text(MANIFEST, encoding="utf-8")
    process.run("sed", "-i.bak", "s#image:.*#image: churn:new#", "naive.yaml")
    after = yaml.safe_load(Path("naive.yaml").read_text(encoding="utf-8"))
    edited = yaml.safe_load(MANIFEST)
    for container in edited["spec"]["predictor"]["containers"]:
        if container["image"].startswith("registry.example.com/churn/predictor:"):
            container["image"] = "churn:new"
    for how, manifest in (("sed", after), ("by name", edited)):
        images = {one["name"]: one["image"] for one in manifest["spec"]["predictor"]["containers"]}
        print(f"{how}: {images}")
        assert images["kserve-container"] == "churn:new"
        assert (images["log-shipper"] == "churn:new") == (how == "sed")


def second_deployment() -> None:
    """With the tag `latest` the second deployment is no change, and `|| true` hides that."""
    git(".", "init", "--quiet", "source")
    commit("source", "k8s.yaml", MANIFEST.replace("predictor:latest", "predictor:v0"))
    deploy = (
        'sed -i.bak "s#churn/predictor:.*#churn/predictor:latest#" k8s.yaml\n'
        f'git {" ".join(AS)} commit --quiet --all --message "Deploy $0" || true'
    )
    for build in ("1", "2"):
        process.run("bash", "-ec", deploy, build, folder=Path("source"))
        print(f"build {build}: status 0, {git('source', 'rev-list', '--count', 'HEAD')} commits")
    assert "Deploy 1" in git("source", "log", "-1", "--format=%s")


def template_injection() -> None:
    """GitHub pastes the branch's name into the script, and git allows it to be a command."""
    name = "a;touch${IFS}owned"
    git(".", "check-ref-format", "--branch", name)
    pasted = "echo git push origin HEAD:${{ github.ref_name }}"
    pasted = pasted.replace("${{ github.ref_name }}", name)
    process.run("bash", "-ec", pasted)
    print("pasted into the line: the command in the name", "ran" if owned() else "did not run")
    assert owned()
    Path("owned").unlink()
    safe = 'echo git push origin "HEAD:$REF"'
    process.run("bash", "-ec", safe, env={"REF": name})
    print("by the environment:   the command in the name", "ran" if owned() else "did not run")
    assert not owned()


def owned() -> bool:
    """Whether the command in the branch's name has run."""
    return Path("owned").exists()


def ref_name() -> None:
    """In a run for a pull request the ref's name is 42/merge, and HEAD is on no branch."""
    shared("runner")
    git("runner", "checkout", "--quiet", "--detach")
    commit("runner", "a.yaml", "digest-1\n")
    guess = git("runner", "push", "origin", "HEAD:42/merge", fails=True)
    print(guess.splitlines()[0])
    assert "not a full refname" in guess
    git("runner", "push", "origin", "HEAD:refs/heads/main")
    assert "a.yaml" in git("server.git", "ls-tree", "--name-only", "main")


# Plays the part of GitHub: each push starts a run, which pushes. It gives up after five.
CI = """\
#!/bin/sh
unset GIT_DIR GIT_QUARANTINE_PATH
git log -1 --format=%s main | grep -q -F '[skip ci]' && exit
echo run >>runs
test "$(grep -c run runs)" -ge 5 && exit
rm -rf work && git clone --quiet . work && cd work
git IDENTITY commit --quiet --allow-empty --message "Deploy MARK"
git push --quiet origin HEAD:main
"""


def skip() -> None:
    """A push by CI with a token of one's own starts CI again, unless it says [skip ci]."""
    shared("person")
    hook, runs = Path("server.git/hooks/post-receive"), Path("server.git/runs")
    for mark, expected in (("", 5), ("[skip ci]", 1)):
        hook.write_text(CI.replace("MARK", mark).replace("IDENTITY", " ".join(AS)))
        hook.chmod(0o755)
        git("person", "pull", "--quiet", "--rebase", "origin", "main")
        commit("person", "change", f"one{mark}\n")
        git("person", "push", "--quiet", "origin", "HEAD:main")
        count = len(runs.read_text().splitlines())
        print(f"{mark or 'no mark'}: {count} runs of one push")
        assert count == expected
        runs.unlink()


DEMOS = {
    function.__name__.replace("_", "-"): function
    for function in (
        mutable_tag, push_race, sed_wrong_image, second_deployment, template_injection, ref_name,
        skip, dvc_push_nothing, curly_quote,
    )
}  # fmt: skip


def run(name: str) -> None:
    """Run one demonstration in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        DEMOS[name]()
