"""
Read a real cloud and a real cluster: the vendor's SDK and the Kubernetes client, or the user's own tccli and kubectl.

Imports core.capture. Each reader takes asks (core/capture/asks.py) and gives an answer for each, never an exception: a
refusal says what was refused. Two modules write: `writes.py` to the cloud, `kubernetes_writes.py` to the cluster; only
guard and provision use them, who note down what they write before.
"""
