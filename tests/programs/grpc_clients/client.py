"""Watches one service, and checks each service whose name it reads. Writes `watch STATUS` and `check STATUS`.

Arguments: the address, and the service that it watches.
"""

import sys
import threading

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

address, watched = sys.argv[1:]
stub = health_pb2_grpc.HealthStub(grpc.insecure_channel(address))


def request(service):
    return health_pb2.HealthCheckRequest(service=service)


def name(response):
    return health_pb2.HealthCheckResponse.ServingStatus.Name(response.status)


def write(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def watch():
    for response in stub.Watch(request(watched)):
        write(f"watch {name(response)}")
    write("watch END")


def check(service):
    try:
        return name(stub.Check(request(service)))
    except grpc.RpcError as error:
        return error.code().name


thread = threading.Thread(target=watch)
thread.start()
for line in sys.stdin:
    write(f"check {check(line.strip())}")
thread.join()
