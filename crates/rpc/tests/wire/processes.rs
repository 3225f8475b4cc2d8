//! What operators see of a process.

use tokio_stream::StreamExt;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::play::{BOOK, Process, in_time};

#[tokio::test]
async fn health_follows_what_the_process_is_to_each_book() {
    let mut process = Process::start().await;
    let mut client = HealthClient::new(process.channel());
    let service = format!("ledgeros.v1.Commands/{BOOK}");
    let check = client.check(HealthCheckRequest { service: String::new() });
    assert_eq!(in_time(check).await.unwrap().into_inner().status(), ServingStatus::Serving);

    let watched = client.watch(HealthCheckRequest { service });
    let mut watched = in_time(watched).await.unwrap().into_inner();
    let mut becomes = async |status| {
        while in_time(watched.next()).await.unwrap().unwrap().status() != status {}
    };
    becomes(ServingStatus::NotServing).await;
    let _writer = process.lead(1);
    becomes(ServingStatus::Serving).await;
    process.follow(None);
    becomes(ServingStatus::NotServing).await;
    let _writer = process.lead(2);
    becomes(ServingStatus::Serving).await;
    process.stop();
    becomes(ServingStatus::NotServing).await;
}

#[tokio::test]
async fn a_server_describes_its_services() {
    let process = Process::start().await;
    let mut client = ServerReflectionClient::new(process.channel());
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let request = ServerReflectionRequest { host: String::new(), message_request };
    let call = client.server_reflection_info(tokio_stream::once(request));
    let mut answers = in_time(call).await.unwrap().into_inner();
    let answer = in_time(answers.next()).await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("services are listed")
    };
    let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "ledgeros.v1.Commands",
            "ledgeros.v1.Journal",
            "ledgeros.v1.Leadership",
        ]
    );
}
