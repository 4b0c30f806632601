// sandbox WRITABLE PROGRAM [ARGUMENT]...: runs a program under the restrictions of packaging/costdrift.service, as far
// as a process can put them on itself: only the directory WRITABLE can be written, /proc shows processes only, no
// capabilities, no privileged system calls. Exit 77: this machine does not allow it; a sentence says what.
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kNotAllowed = 77;

// What systemd 252 calls @privileged, @resources and what @system-service leaves out, as far as it exists here.
constexpr const char* kDenied[] = {
    "acct",
    "adjtimex",
    "bpf",
    "capset",
    "chown",
    "chroot",
    "clock_adjtime",
    "clock_settime",
    "delete_module",
    "fanotify_init",
    "finit_module",
    "fsopen",
    "init_module",
    "ioperm",
    "iopl",
    "kexec_load",
    "mbind",
    "migrate_pages",
    "mount",
    "mount_setattr",
    "move_mount",
    "move_pages",
    "nfsservctl",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "personality",
    "pivot_root",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "quotactl",
    "reboot",
    "sched_setattr",
    "sched_setaffinity",
    "sched_setparam",
    "sched_setscheduler",
    "set_mempolicy",
    "setdomainname",
    "setfsgid",
    "setfsuid",
    "setgid",
    "setgroups",
    "sethostname",
    "setns",
    "setpriority",
    "setregid",
    "setresgid",
    "setresuid",
    "setreuid",
    "setrlimit",
    "settimeofday",
    "setuid",
    "swapoff",
    "swapon",
    "syslog",
    "umount2",
    "unshare",
    "userfaultfd",
    "vhangup",
    "ioprio_set",
};

[[noreturn]] void not_allowed(const char* what) {
  std::fprintf(stderr, "sandbox: %s: %s\n", what, std::strerror(errno));
  std::exit(kNotAllowed);
}

void require(bool done, const char* what) {
  if (!done) not_allowed(what);
}

// ProtectSystem=strict, ProtectHome, ReadWritePaths of the state directory; ProcSubset=pid, ProtectProc=invisible.
void restrict_files(const std::string& writable) {
  require(unshare(CLONE_NEWNS) == 0, "a mount namespace of its own");
  require(mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
  require(mount(writable.c_str(), writable.c_str(), nullptr, MS_BIND, nullptr) == 0, "the writable directory");
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  require(mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes) == 0, "read-only mounts");
  attributes.attr_set = 0;
  attributes.attr_clr = MOUNT_ATTR_RDONLY;
  require(mount_setattr(AT_FDCWD, writable.c_str(), 0, &attributes, sizeof attributes) == 0, "the writable directory");
  require(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=invisible,subset=pid") == 0,
          "a /proc of its own");
}

// CapabilityBoundingSet=, AmbientCapabilities=, NoNewPrivileges=yes.
void drop_privileges() {
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) (void)prctl(PR_CAPBSET_DROP, capability);
  require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no new privileges");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  require(syscall(SYS_capset, &header, none) == 0, "no capabilities");
}

void deny(scmp_filter_ctx filter, int error, const char* name) {
  const int number = seccomp_syscall_resolve_name(name);
  if (number != __NR_SCMP_ERROR) (void)seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), number, 0);
}

void deny_flags(scmp_filter_ctx filter, int number, unsigned argument, std::uint64_t flags) {
  (void)seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 1,
                         SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, flags, flags));
}

// SystemCallFilter, SystemCallErrorNumber, RestrictAddressFamilies, RestrictNamespaces, MemoryDenyWriteExecute.
void restrict_calls() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  require(filter != nullptr, "a filter of system calls");
  for (const char* name : kDenied) deny(filter, EPERM, name);
  deny(filter, ENOSYS, "clone3");  // its flags cannot be looked at; libc then takes clone
  for (const std::uint64_t flag :
       {CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS}) {
    deny_flags(filter, SCMP_SYS(clone), 0, flag);
  }
  deny_flags(filter, SCMP_SYS(mmap), 2, PROT_WRITE | PROT_EXEC);
  deny_flags(filter, SCMP_SYS(mprotect), 2, PROT_EXEC);
  for (int family = 0; family < AF_MAX; ++family) {
    if (family == AF_INET || family == AF_INET6 || family == AF_UNIX) continue;
    (void)seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                           SCMP_A0(SCMP_CMP_EQ, static_cast<std::uint64_t>(family)));
  }
  require(seccomp_load(filter) == 0, "a filter of system calls");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: sandbox WRITABLE PROGRAM [ARGUMENT]...\n");
    return 64;
  }
  umask(0077);
  const rlimit no_core{0, 0};
  require(setrlimit(RLIMIT_CORE, &no_core) == 0, "no core dumps");
  restrict_files(argv[1]);
  drop_privileges();
  restrict_calls();
  execv(argv[2], argv + 2);
  not_allowed(argv[2]);
}
