module mlops-interview-lab/kind-cluster/build/pause

go 1.26.0
