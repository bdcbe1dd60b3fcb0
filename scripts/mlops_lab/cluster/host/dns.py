"""Phase: CoreDNS, from the manifest that Kubernetes ships."""

from mlops_lab.cluster.host.machine import Node
from mlops_lab.toolchain.modules import source
from mlops_lab.toolchain.versions import component

TITLE = "cluster DNS"
NEEDS = ("apiserver", "controllers")
VALUES = {
    "__DNS__DOMAIN__": "cluster.local",
    "__DNS__MEMORY__LIMIT__": "170Mi",
    "__DNS__SERVER__": "10.96.0.10",
}


def done(node: Node) -> bool:
    """Whether it has been applied."""
    return (node.folder / "dns.applied").exists()


def up(node: Node) -> None:
    """Apply it. That it works is seen when the first pod asks it for a name."""
    file = source(component("kubernetes")) / "cluster/addons/dns/coredns/coredns.yaml.base"
    manifest = file.read_text(encoding="utf-8")
    for placeholder, value in VALUES.items():
        manifest = manifest.replace(placeholder, value)
    wanted = component("coredns")
    lines = []
    for line in manifest.splitlines():
        if f"image: {wanted.image}:" in line:
            line = f"{line.split('image:')[0]}image: {wanted.reference}"
        lines.append(line)
    manifest = "\n".join(lines)
    # There is nobody to ask for names of the world: the node has no way out.
    begin, end = manifest.index("forward ."), manifest.index("cache 30")
    node.kubectl.apply(manifest[:begin] + manifest[end:])
    (node.folder / "dns.applied").touch()
