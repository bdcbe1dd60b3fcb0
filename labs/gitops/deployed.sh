#!/usr/bin/env bash
# Wait until Argo CD has made the cluster what a commit says: deployed.sh ENVIRONMENT COMMIT
set -euo pipefail
application=application/$1-$LAB_NAME

kubectl annotate -n argocd "$application" --overwrite argocd.argoproj.io/refresh=normal >/dev/null
# Health comes last: until the commit has been compared, it is the health of the one before.
for state in "sync.revision=$2" sync.status=Synced operationState.phase=Succeeded \
    health.status=Healthy; do
    kubectl wait -n argocd "$application" --timeout="$PATIENCE" \
        --for=jsonpath="{.status.${state%=*}}=${state#*=}" >/dev/null
done
echo "$1 is what the commit says"
