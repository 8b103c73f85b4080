// Generated from src/plan/descriptors.ts by `npm run generate`. Do not edit.
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "plan/reader.h"

namespace palisade::plan {

inline constexpr char kMagic[] = "PALISADE";
inline constexpr std::uint32_t kSchema = 0x026e8ef1;
inline constexpr std::uint32_t kPlanBytesMax = 4194304;

enum class Role : std::uint8_t { supervisor, relay, init, sandboxee };

struct StartExpectWords {
  Text started_as{};
  Text root{};
  std::span<const Text> words{};
};

struct StartExpectPlace {
  Text root{};
  Text file{};
  Text started_as{};
};

struct StartExpectHost {
  Text release{};
  Text machine{};
  std::uint32_t uid{};
  std::uint32_t gid{};
  Text directory{};
  std::uint32_t landlock_abi{};
  std::uint32_t landlock_errata{};
  std::uint32_t lowest_port{};
  std::uint8_t ipv6{};
  std::span<const std::uint64_t> hard_limits{};
};

struct StartExpectMounts {
  std::span<const Text> types{};
  std::span<const Text> points{};
};

struct StartExpectVariablesVariables {
  Text name{};
  std::uint8_t is_set{};
  Text value{};
};
struct StartExpectVariables {
  std::span<const StartExpectVariablesVariables> variables{};
};

struct StartExpectNodesNodes {
  Text path{};
  std::uint8_t type{};
  std::uint32_t uid{};
  std::uint32_t gid{};
  std::uint16_t mode{};
  std::uint32_t links{};
  std::uint8_t writable{};
  Text target{};
};
struct StartExpectNodes {
  std::span<const StartExpectNodesNodes> nodes{};
};

struct StartExpectContentsPieces {
  Text path{};
  std::uint64_t offset{};
  std::uint32_t length{};
  Bytes content{};
};
struct StartExpectContents {
  std::span<const StartExpectContentsPieces> pieces{};
};

struct StartOpenReport {
  Text file{};
};

struct ReportWrite {
  std::uint32_t descriptor{};
  Text head{};
};

struct ReportWatchKillsCalls {
  std::uint32_t audit_arch{};
  std::uint32_t number{};
  Text words{};
};
struct ReportWatchKills {
  std::span<const ReportWatchKillsCalls> calls{};
};

struct ReportTime {
};

struct ResourcesLimitWallClock {
  std::uint64_t milliseconds{};
  std::uint32_t grace_ms{};
};

struct ResourcesLimitCgroupSettings {
  Text file{};
  Text value{};
};
struct ResourcesLimitCgroup {
  Text above{};
  Text enable{};
  Text disable{};
  std::span<const ResourcesLimitCgroupSettings> settings{};
};

struct ServicePassNotices {
  Text manager{};
};

struct NamespacesClone {
  std::uint64_t flags{};
  std::uint32_t uid_inside{};
  std::uint32_t uid_outside{};
  std::uint32_t gid_inside{};
  std::uint32_t gid_outside{};
};

struct NetworkOpenRoutePasses {
  Text key{};
  Ip address{};
  std::uint16_t port{};
  std::uint8_t protocol{};
};
struct NetworkOpenRoute {
  Path nft{};
  std::span<const NetworkOpenRoutePasses> passes{};
  Text rules{};
  Text check{};
  Text standing{};
  Text link{};
  Text device{};
  std::span<const Text> settings{};
  std::span<const Ip> sources{};
};

struct NetworkRelayEndpointsWithin {
  Ip address{};
  std::uint8_t prefix{};
};
struct NetworkRelayEndpoints {
  Text key{};
  Text host{};
  std::uint16_t port{};
  std::uint8_t protocol{};
  std::uint8_t tls{};
  std::span<const Ip> dial{};
  std::span<const NetworkRelayEndpointsWithin> within{};
};
struct NetworkRelayListeners {
  std::uint32_t endpoint{};
  std::uint8_t protocol{};
};
struct NetworkRelayNames {
  Text name{};
  std::span<const Ip> addresses{};
};
struct NetworkRelayRefused {
  Ip address{};
  std::uint8_t prefix{};
};
struct NetworkRelayUnreachable {
  Ip address{};
  std::uint8_t prefix{};
};
struct NetworkRelayPorts {
  std::uint16_t port{};
  std::uint64_t access{};
};
struct NetworkRelay {
  std::span<const NetworkRelayEndpoints> endpoints{};
  std::span<const NetworkRelayListeners> listeners{};
  std::span<const NetworkRelayNames> names{};
  std::span<const NetworkRelayRefused> refused{};
  std::span<const NetworkRelayUnreachable> unreachable{};
  Path resolver{};
  std::uint64_t resolver_handled_fs{};
  std::uint32_t connections_max{};
  std::uint32_t flows_max{};
  std::uint32_t hello_timeout_ms{};
  std::uint32_t dial_timeout_ms{};
  std::uint32_t answer_timeout_ms{};
  std::uint32_t idle_timeout_ms{};
  std::uint32_t flow_idle_ms{};
  std::uint32_t lookup_fresh_ms{};
  std::uint32_t uid{};
  std::uint32_t gid{};
  std::uint64_t handled_fs{};
  std::uint64_t handled_net{};
  std::uint64_t scoped{};
  std::span<const NetworkRelayPorts> ports{};
  Bytes filter{};
};

struct NetworkPublishPublished {
  Text key{};
  Ip address{};
  std::uint16_t publish{};
  std::uint32_t descriptor{};
  std::span<const Ip> dial{};
  std::uint16_t port{};
};
struct NetworkPublishPorts {
  std::uint16_t port{};
  std::uint64_t access{};
};
struct NetworkPublish {
  std::span<const NetworkPublishPublished> published{};
  std::uint32_t connections_max{};
  std::uint32_t dial_timeout_ms{};
  std::uint32_t answer_timeout_ms{};
  std::uint32_t idle_timeout_ms{};
  std::uint32_t uid{};
  std::uint32_t gid{};
  std::uint64_t handled_fs{};
  std::uint64_t handled_net{};
  std::uint64_t scoped{};
  std::span<const NetworkPublishPorts> ports{};
  Bytes filter{};
};

struct NamespacesSetHostname {
  Text hostname{};
};

struct NetworkOpenGatewaySockets {
  Ip address{};
  std::uint16_t port{};
  std::uint8_t protocol{};
};
struct NetworkOpenGateway {
  std::span<const NetworkOpenGatewaySockets> sockets{};
};

struct FilesystemCreateRoot {
  std::uint64_t size_bytes{};
};

struct FilesystemMakeDirectory {
  Path target{};
  std::uint32_t mode{};
};

struct FilesystemMakeSymlink {
  Path target{};
  Text content{};
};

struct FilesystemMakeFile {
  Path target{};
  std::uint32_t mode{};
  Bytes content{};
};

struct FilesystemBind {
  Path source{};
  Path target{};
  std::uint32_t type{};
  std::uint64_t attributes{};
};

struct FilesystemPinFile {
  Path target{};
  std::uint32_t mode{};
  Bytes content{};
};

struct FilesystemMountTmpfs {
  Path target{};
  std::uint32_t mode{};
  std::uint64_t size_bytes{};
  std::uint64_t attributes{};
};

struct FilesystemMountProc {
  Path target{};
};

struct FilesystemEnterRoot {
};

struct NetworkLoopbackUp {
};

struct NetworkAddVeth {
  Text device{};
  Text peer{};
};

struct NetworkTakeRoute {
  Text device{};
  std::span<const Ip> sources{};
};

struct NetworkAddForwardedRoute {
  Text device{};
  Ip destination{};
};

struct NetworkAddSandboxAddress {
  Text device{};
  Ip address{};
};

struct NetworkAddGatewayAddress {
  Text device{};
  Ip address{};
};

struct NetworkAddRoute {
  Text device{};
  Ip destination{};
  Ip source{};
};

struct NetworkAddReturnRoute {
  Text device{};
  Ip destination{};
};

struct ServiceOpenListenersListeners {
  std::uint32_t descriptor{};
  Ip address{};
  std::uint16_t port{};
};
struct ServiceOpenListeners {
  std::span<const ServiceOpenListenersListeners> listeners{};
};

struct ProcessNewKeyring {
};

struct ProcessNewSession {
};

struct ProcessResetSignals {
};

struct ProcessCloseDescriptors {
  std::span<const std::uint32_t> keep{};
  std::uint8_t connects{};
};

struct ResourcesSetLimit {
  std::uint32_t resource{};
  std::uint64_t value{};
};

struct ProcessNoNewPrivileges {
};

struct ProcessDropCapabilities {
};

struct SeccompAllowOneExec {
  Bytes filter{};
};

struct ProcessChangeDirectory {
  Path path{};
};

struct LandlockRestrictSelfPaths {
  Path path{};
  std::uint64_t access{};
};
struct LandlockRestrictSelfPorts {
  std::uint16_t port{};
  std::uint64_t access{};
};
struct LandlockRestrictSelf {
  std::uint64_t handled_fs{};
  std::uint64_t handled_net{};
  std::uint64_t scoped{};
  std::uint32_t flags{};
  std::span<const LandlockRestrictSelfPaths> paths{};
  std::span<const LandlockRestrictSelfPorts> ports{};
};

struct ServiceTakeNotices {
  Text name{};
};

struct SeccompLoadFilter {
  Bytes filter{};
};

struct ProcessExecute {
  Path path{};
  std::span<const Text> arguments{};
  std::span<const Text> environment{};
};

using AnyStep = std::variant<StartExpectWords, StartExpectPlace, StartExpectHost, StartExpectMounts, StartExpectVariables, StartExpectNodes, StartExpectContents, StartOpenReport, ReportWrite, ReportWatchKills, ReportTime, ResourcesLimitWallClock, ResourcesLimitCgroup, ServicePassNotices, NamespacesClone, NetworkOpenRoute, NetworkRelay, NetworkPublish, NamespacesSetHostname, NetworkOpenGateway, FilesystemCreateRoot, FilesystemMakeDirectory, FilesystemMakeSymlink, FilesystemMakeFile, FilesystemBind, FilesystemPinFile, FilesystemMountTmpfs, FilesystemMountProc, FilesystemEnterRoot, NetworkLoopbackUp, NetworkAddVeth, NetworkTakeRoute, NetworkAddForwardedRoute, NetworkAddSandboxAddress, NetworkAddGatewayAddress, NetworkAddRoute, NetworkAddReturnRoute, ServiceOpenListeners, ProcessNewKeyring, ProcessNewSession, ProcessResetSignals, ProcessCloseDescriptors, ResourcesSetLimit, ProcessNoNewPrivileges, ProcessDropCapabilities, SeccompAllowOneExec, ProcessChangeDirectory, LandlockRestrictSelf, ServiceTakeNotices, SeccompLoadFilter, ProcessExecute>;

inline constexpr const char* kOps[] = {
    "start.expect-words",
    "start.expect-place",
    "start.expect-host",
    "start.expect-mounts",
    "start.expect-variables",
    "start.expect-nodes",
    "start.expect-contents",
    "start.open-report",
    "report.write",
    "report.watch-kills",
    "report.time",
    "resources.limit-wall-clock",
    "resources.limit-cgroup",
    "service.pass-notices",
    "namespaces.clone",
    "network.open-route",
    "network.relay",
    "network.publish",
    "namespaces.set-hostname",
    "network.open-gateway",
    "filesystem.create-root",
    "filesystem.make-directory",
    "filesystem.make-symlink",
    "filesystem.make-file",
    "filesystem.bind",
    "filesystem.pin-file",
    "filesystem.mount-tmpfs",
    "filesystem.mount-proc",
    "filesystem.enter-root",
    "network.loopback-up",
    "network.add-veth",
    "network.take-route",
    "network.add-forwarded-route",
    "network.add-sandbox-address",
    "network.add-gateway-address",
    "network.add-route",
    "network.add-return-route",
    "service.open-listeners",
    "process.new-keyring",
    "process.new-session",
    "process.reset-signals",
    "process.close-descriptors",
    "resources.set-limit",
    "process.no-new-privileges",
    "process.drop-capabilities",
    "seccomp.allow-one-exec",
    "process.change-directory",
    "landlock.restrict-self",
    "service.take-notices",
    "seccomp.load-filter",
    "process.execute",
};
inline constexpr Role kRoles[] = {
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::supervisor,
    Role::relay,
    Role::relay,
    Role::init,
    Role::init,
    Role::init,
    Role::init,
    Role::init,
    Role::init,
    Role::init,
    Role::init,
    Role::init,
    Role::init,
    Role::init,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
    Role::sandboxee,
};
inline constexpr std::uint32_t kOpCount = 51;

inline StartExpectWords read_start_expect_words(Reader& reader) {
  StartExpectWords step;
  reader.read(step.started_as);
  reader.read(step.root);
  step.words = reader.list<Text, 5>([](Reader& reader1, Text& item1) {
    reader1.read(item1);
  });
  return step;
}

inline StartExpectPlace read_start_expect_place(Reader& reader) {
  StartExpectPlace step;
  reader.read(step.root);
  reader.read(step.file);
  reader.read(step.started_as);
  return step;
}

inline StartExpectHost read_start_expect_host(Reader& reader) {
  StartExpectHost step;
  reader.read(step.release);
  reader.read(step.machine);
  reader.read(step.uid);
  reader.read(step.gid);
  reader.read(step.directory);
  reader.read(step.landlock_abi);
  reader.read(step.landlock_errata);
  reader.read(step.lowest_port);
  reader.read(step.ipv6);
  step.hard_limits = reader.list<std::uint64_t, 8>([](Reader& reader1, std::uint64_t& item1) {
    reader1.read(item1);
  });
  return step;
}

inline StartExpectMounts read_start_expect_mounts(Reader& reader) {
  StartExpectMounts step;
  step.types = reader.list<Text, 5>([](Reader& reader1, Text& item1) {
    reader1.read(item1);
  });
  step.points = reader.list<Text, 5>([](Reader& reader1, Text& item1) {
    reader1.read(item1);
  });
  return step;
}

inline StartExpectVariables read_start_expect_variables(Reader& reader) {
  StartExpectVariables step;
  step.variables = reader.list<StartExpectVariablesVariables, 11>([](Reader& reader1, StartExpectVariablesVariables& item1) {
    reader1.read(item1.name);
    reader1.read(item1.is_set);
    reader1.read(item1.value);
  });
  return step;
}

inline StartExpectNodes read_start_expect_nodes(Reader& reader) {
  StartExpectNodes step;
  step.nodes = reader.list<StartExpectNodesNodes, 26>([](Reader& reader1, StartExpectNodesNodes& item1) {
    reader1.read(item1.path);
    reader1.read(item1.type);
    reader1.read(item1.uid);
    reader1.read(item1.gid);
    reader1.read(item1.mode);
    reader1.read(item1.links);
    reader1.read(item1.writable);
    reader1.read(item1.target);
  });
  return step;
}

inline StartExpectContents read_start_expect_contents(Reader& reader) {
  StartExpectContents step;
  step.pieces = reader.list<StartExpectContentsPieces, 21>([](Reader& reader1, StartExpectContentsPieces& item1) {
    reader1.read(item1.path);
    reader1.read(item1.offset);
    reader1.read(item1.length);
    reader1.read(item1.content);
  });
  return step;
}

inline StartOpenReport read_start_open_report(Reader& reader) {
  StartOpenReport step;
  reader.read(step.file);
  return step;
}

inline ReportWrite read_report_write(Reader& reader) {
  ReportWrite step;
  reader.read(step.descriptor);
  reader.read(step.head);
  return step;
}

inline ReportWatchKills read_report_watch_kills(Reader& reader) {
  ReportWatchKills step;
  step.calls = reader.list<ReportWatchKillsCalls, 13>([](Reader& reader1, ReportWatchKillsCalls& item1) {
    reader1.read(item1.audit_arch);
    reader1.read(item1.number);
    reader1.read(item1.words);
  });
  return step;
}

inline ReportTime read_report_time([[maybe_unused]] Reader& reader) {
  ReportTime step;
  return step;
}

inline ResourcesLimitWallClock read_resources_limit_wall_clock(Reader& reader) {
  ResourcesLimitWallClock step;
  reader.read(step.milliseconds);
  reader.read(step.grace_ms);
  return step;
}

inline ResourcesLimitCgroup read_resources_limit_cgroup(Reader& reader) {
  ResourcesLimitCgroup step;
  reader.read(step.above);
  reader.read(step.enable);
  reader.read(step.disable);
  step.settings = reader.list<ResourcesLimitCgroupSettings, 10>([](Reader& reader1, ResourcesLimitCgroupSettings& item1) {
    reader1.read(item1.file);
    reader1.read(item1.value);
  });
  return step;
}

inline ServicePassNotices read_service_pass_notices(Reader& reader) {
  ServicePassNotices step;
  reader.read(step.manager);
  return step;
}

inline NamespacesClone read_namespaces_clone(Reader& reader) {
  NamespacesClone step;
  reader.read(step.flags);
  reader.read(step.uid_inside);
  reader.read(step.uid_outside);
  reader.read(step.gid_inside);
  reader.read(step.gid_outside);
  return step;
}

inline NetworkOpenRoute read_network_open_route(Reader& reader) {
  NetworkOpenRoute step;
  reader.read(step.nft);
  step.passes = reader.list<NetworkOpenRoutePasses, 25>([](Reader& reader1, NetworkOpenRoutePasses& item1) {
    reader1.read(item1.key);
    reader1.read(item1.address);
    reader1.read(item1.port);
    reader1.read(item1.protocol);
  });
  reader.read(step.rules);
  reader.read(step.check);
  reader.read(step.standing);
  reader.read(step.link);
  reader.read(step.device);
  step.settings = reader.list<Text, 5>([](Reader& reader1, Text& item1) {
    reader1.read(item1);
  });
  step.sources = reader.list<Ip, 17>([](Reader& reader1, Ip& item1) {
    reader1.read(item1);
  });
  return step;
}

inline NetworkRelay read_network_relay(Reader& reader) {
  NetworkRelay step;
  step.endpoints = reader.list<NetworkRelayEndpoints, 22>([](Reader& reader1, NetworkRelayEndpoints& item1) {
    reader1.read(item1.key);
    reader1.read(item1.host);
    reader1.read(item1.port);
    reader1.read(item1.protocol);
    reader1.read(item1.tls);
    item1.dial = reader1.list<Ip, 17>([](Reader& reader2, Ip& item2) {
      reader2.read(item2);
    });
    item1.within = reader1.list<NetworkRelayEndpointsWithin, 18>([](Reader& reader2, NetworkRelayEndpointsWithin& item2) {
      reader2.read(item2.address);
      reader2.read(item2.prefix);
    });
  });
  step.listeners = reader.list<NetworkRelayListeners, 5>([](Reader& reader1, NetworkRelayListeners& item1) {
    reader1.read(item1.endpoint);
    reader1.read(item1.protocol);
  });
  step.names = reader.list<NetworkRelayNames, 9>([](Reader& reader1, NetworkRelayNames& item1) {
    reader1.read(item1.name);
    item1.addresses = reader1.list<Ip, 17>([](Reader& reader2, Ip& item2) {
      reader2.read(item2);
    });
  });
  step.refused = reader.list<NetworkRelayRefused, 18>([](Reader& reader1, NetworkRelayRefused& item1) {
    reader1.read(item1.address);
    reader1.read(item1.prefix);
  });
  step.unreachable = reader.list<NetworkRelayUnreachable, 18>([](Reader& reader1, NetworkRelayUnreachable& item1) {
    reader1.read(item1.address);
    reader1.read(item1.prefix);
  });
  reader.read(step.resolver);
  reader.read(step.resolver_handled_fs);
  reader.read(step.connections_max);
  reader.read(step.flows_max);
  reader.read(step.hello_timeout_ms);
  reader.read(step.dial_timeout_ms);
  reader.read(step.answer_timeout_ms);
  reader.read(step.idle_timeout_ms);
  reader.read(step.flow_idle_ms);
  reader.read(step.lookup_fresh_ms);
  reader.read(step.uid);
  reader.read(step.gid);
  reader.read(step.handled_fs);
  reader.read(step.handled_net);
  reader.read(step.scoped);
  step.ports = reader.list<NetworkRelayPorts, 10>([](Reader& reader1, NetworkRelayPorts& item1) {
    reader1.read(item1.port);
    reader1.read(item1.access);
  });
  reader.read(step.filter);
  return step;
}

inline NetworkPublish read_network_publish(Reader& reader) {
  NetworkPublish step;
  step.published = reader.list<NetworkPublishPublished, 34>([](Reader& reader1, NetworkPublishPublished& item1) {
    reader1.read(item1.key);
    reader1.read(item1.address);
    reader1.read(item1.publish);
    reader1.read(item1.descriptor);
    item1.dial = reader1.list<Ip, 17>([](Reader& reader2, Ip& item2) {
      reader2.read(item2);
    });
    reader1.read(item1.port);
  });
  reader.read(step.connections_max);
  reader.read(step.dial_timeout_ms);
  reader.read(step.answer_timeout_ms);
  reader.read(step.idle_timeout_ms);
  reader.read(step.uid);
  reader.read(step.gid);
  reader.read(step.handled_fs);
  reader.read(step.handled_net);
  reader.read(step.scoped);
  step.ports = reader.list<NetworkPublishPorts, 10>([](Reader& reader1, NetworkPublishPorts& item1) {
    reader1.read(item1.port);
    reader1.read(item1.access);
  });
  reader.read(step.filter);
  return step;
}

inline NamespacesSetHostname read_namespaces_set_hostname(Reader& reader) {
  NamespacesSetHostname step;
  reader.read(step.hostname);
  return step;
}

inline NetworkOpenGateway read_network_open_gateway(Reader& reader) {
  NetworkOpenGateway step;
  step.sockets = reader.list<NetworkOpenGatewaySockets, 20>([](Reader& reader1, NetworkOpenGatewaySockets& item1) {
    reader1.read(item1.address);
    reader1.read(item1.port);
    reader1.read(item1.protocol);
  });
  return step;
}

inline FilesystemCreateRoot read_filesystem_create_root(Reader& reader) {
  FilesystemCreateRoot step;
  reader.read(step.size_bytes);
  return step;
}

inline FilesystemMakeDirectory read_filesystem_make_directory(Reader& reader) {
  FilesystemMakeDirectory step;
  reader.read(step.target);
  reader.read(step.mode);
  return step;
}

inline FilesystemMakeSymlink read_filesystem_make_symlink(Reader& reader) {
  FilesystemMakeSymlink step;
  reader.read(step.target);
  reader.read(step.content);
  return step;
}

inline FilesystemMakeFile read_filesystem_make_file(Reader& reader) {
  FilesystemMakeFile step;
  reader.read(step.target);
  reader.read(step.mode);
  reader.read(step.content);
  return step;
}

inline FilesystemBind read_filesystem_bind(Reader& reader) {
  FilesystemBind step;
  reader.read(step.source);
  reader.read(step.target);
  reader.read(step.type);
  reader.read(step.attributes);
  return step;
}

inline FilesystemPinFile read_filesystem_pin_file(Reader& reader) {
  FilesystemPinFile step;
  reader.read(step.target);
  reader.read(step.mode);
  reader.read(step.content);
  return step;
}

inline FilesystemMountTmpfs read_filesystem_mount_tmpfs(Reader& reader) {
  FilesystemMountTmpfs step;
  reader.read(step.target);
  reader.read(step.mode);
  reader.read(step.size_bytes);
  reader.read(step.attributes);
  return step;
}

inline FilesystemMountProc read_filesystem_mount_proc(Reader& reader) {
  FilesystemMountProc step;
  reader.read(step.target);
  return step;
}

inline FilesystemEnterRoot read_filesystem_enter_root([[maybe_unused]] Reader& reader) {
  FilesystemEnterRoot step;
  return step;
}

inline NetworkLoopbackUp read_network_loopback_up([[maybe_unused]] Reader& reader) {
  NetworkLoopbackUp step;
  return step;
}

inline NetworkAddVeth read_network_add_veth(Reader& reader) {
  NetworkAddVeth step;
  reader.read(step.device);
  reader.read(step.peer);
  return step;
}

inline NetworkTakeRoute read_network_take_route(Reader& reader) {
  NetworkTakeRoute step;
  reader.read(step.device);
  step.sources = reader.list<Ip, 17>([](Reader& reader1, Ip& item1) {
    reader1.read(item1);
  });
  return step;
}

inline NetworkAddForwardedRoute read_network_add_forwarded_route(Reader& reader) {
  NetworkAddForwardedRoute step;
  reader.read(step.device);
  reader.read(step.destination);
  return step;
}

inline NetworkAddSandboxAddress read_network_add_sandbox_address(Reader& reader) {
  NetworkAddSandboxAddress step;
  reader.read(step.device);
  reader.read(step.address);
  return step;
}

inline NetworkAddGatewayAddress read_network_add_gateway_address(Reader& reader) {
  NetworkAddGatewayAddress step;
  reader.read(step.device);
  reader.read(step.address);
  return step;
}

inline NetworkAddRoute read_network_add_route(Reader& reader) {
  NetworkAddRoute step;
  reader.read(step.device);
  reader.read(step.destination);
  reader.read(step.source);
  return step;
}

inline NetworkAddReturnRoute read_network_add_return_route(Reader& reader) {
  NetworkAddReturnRoute step;
  reader.read(step.device);
  reader.read(step.destination);
  return step;
}

inline ServiceOpenListeners read_service_open_listeners(Reader& reader) {
  ServiceOpenListeners step;
  step.listeners = reader.list<ServiceOpenListenersListeners, 23>([](Reader& reader1, ServiceOpenListenersListeners& item1) {
    reader1.read(item1.descriptor);
    reader1.read(item1.address);
    reader1.read(item1.port);
  });
  return step;
}

inline ProcessNewKeyring read_process_new_keyring([[maybe_unused]] Reader& reader) {
  ProcessNewKeyring step;
  return step;
}

inline ProcessNewSession read_process_new_session([[maybe_unused]] Reader& reader) {
  ProcessNewSession step;
  return step;
}

inline ProcessResetSignals read_process_reset_signals([[maybe_unused]] Reader& reader) {
  ProcessResetSignals step;
  return step;
}

inline ProcessCloseDescriptors read_process_close_descriptors(Reader& reader) {
  ProcessCloseDescriptors step;
  step.keep = reader.list<std::uint32_t, 4>([](Reader& reader1, std::uint32_t& item1) {
    reader1.read(item1);
  });
  reader.read(step.connects);
  return step;
}

inline ResourcesSetLimit read_resources_set_limit(Reader& reader) {
  ResourcesSetLimit step;
  reader.read(step.resource);
  reader.read(step.value);
  return step;
}

inline ProcessNoNewPrivileges read_process_no_new_privileges([[maybe_unused]] Reader& reader) {
  ProcessNoNewPrivileges step;
  return step;
}

inline ProcessDropCapabilities read_process_drop_capabilities([[maybe_unused]] Reader& reader) {
  ProcessDropCapabilities step;
  return step;
}

inline SeccompAllowOneExec read_seccomp_allow_one_exec(Reader& reader) {
  SeccompAllowOneExec step;
  reader.read(step.filter);
  return step;
}

inline ProcessChangeDirectory read_process_change_directory(Reader& reader) {
  ProcessChangeDirectory step;
  reader.read(step.path);
  return step;
}

inline LandlockRestrictSelf read_landlock_restrict_self(Reader& reader) {
  LandlockRestrictSelf step;
  reader.read(step.handled_fs);
  reader.read(step.handled_net);
  reader.read(step.scoped);
  reader.read(step.flags);
  step.paths = reader.list<LandlockRestrictSelfPaths, 14>([](Reader& reader1, LandlockRestrictSelfPaths& item1) {
    reader1.read(item1.path);
    reader1.read(item1.access);
  });
  step.ports = reader.list<LandlockRestrictSelfPorts, 10>([](Reader& reader1, LandlockRestrictSelfPorts& item1) {
    reader1.read(item1.port);
    reader1.read(item1.access);
  });
  return step;
}

inline ServiceTakeNotices read_service_take_notices(Reader& reader) {
  ServiceTakeNotices step;
  reader.read(step.name);
  return step;
}

inline SeccompLoadFilter read_seccomp_load_filter(Reader& reader) {
  SeccompLoadFilter step;
  reader.read(step.filter);
  return step;
}

inline ProcessExecute read_process_execute(Reader& reader) {
  ProcessExecute step;
  reader.read(step.path);
  step.arguments = reader.list<Text, 5>([](Reader& reader1, Text& item1) {
    reader1.read(item1);
  });
  step.environment = reader.list<Text, 5>([](Reader& reader1, Text& item1) {
    reader1.read(item1);
  });
  return step;
}

inline AnyStep read_step(Reader& reader, std::uint16_t opcode) {
  switch (opcode) {
    case 0:
      return read_start_expect_words(reader);
    case 1:
      return read_start_expect_place(reader);
    case 2:
      return read_start_expect_host(reader);
    case 3:
      return read_start_expect_mounts(reader);
    case 4:
      return read_start_expect_variables(reader);
    case 5:
      return read_start_expect_nodes(reader);
    case 6:
      return read_start_expect_contents(reader);
    case 7:
      return read_start_open_report(reader);
    case 8:
      return read_report_write(reader);
    case 9:
      return read_report_watch_kills(reader);
    case 10:
      return read_report_time(reader);
    case 11:
      return read_resources_limit_wall_clock(reader);
    case 12:
      return read_resources_limit_cgroup(reader);
    case 13:
      return read_service_pass_notices(reader);
    case 14:
      return read_namespaces_clone(reader);
    case 15:
      return read_network_open_route(reader);
    case 16:
      return read_network_relay(reader);
    case 17:
      return read_network_publish(reader);
    case 18:
      return read_namespaces_set_hostname(reader);
    case 19:
      return read_network_open_gateway(reader);
    case 20:
      return read_filesystem_create_root(reader);
    case 21:
      return read_filesystem_make_directory(reader);
    case 22:
      return read_filesystem_make_symlink(reader);
    case 23:
      return read_filesystem_make_file(reader);
    case 24:
      return read_filesystem_bind(reader);
    case 25:
      return read_filesystem_pin_file(reader);
    case 26:
      return read_filesystem_mount_tmpfs(reader);
    case 27:
      return read_filesystem_mount_proc(reader);
    case 28:
      return read_filesystem_enter_root(reader);
    case 29:
      return read_network_loopback_up(reader);
    case 30:
      return read_network_add_veth(reader);
    case 31:
      return read_network_take_route(reader);
    case 32:
      return read_network_add_forwarded_route(reader);
    case 33:
      return read_network_add_sandbox_address(reader);
    case 34:
      return read_network_add_gateway_address(reader);
    case 35:
      return read_network_add_route(reader);
    case 36:
      return read_network_add_return_route(reader);
    case 37:
      return read_service_open_listeners(reader);
    case 38:
      return read_process_new_keyring(reader);
    case 39:
      return read_process_new_session(reader);
    case 40:
      return read_process_reset_signals(reader);
    case 41:
      return read_process_close_descriptors(reader);
    case 42:
      return read_resources_set_limit(reader);
    case 43:
      return read_process_no_new_privileges(reader);
    case 44:
      return read_process_drop_capabilities(reader);
    case 45:
      return read_seccomp_allow_one_exec(reader);
    case 46:
      return read_process_change_directory(reader);
    case 47:
      return read_landlock_restrict_self(reader);
    case 48:
      return read_service_take_notices(reader);
    case 49:
      return read_seccomp_load_filter(reader);
    case 50:
      return read_process_execute(reader);
    default:
      reader.fail();
      return {};
  }
}

}  // namespace palisade::plan
