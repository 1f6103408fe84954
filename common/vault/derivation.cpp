#include "common/vault/derivation.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/vault/sodium.hpp"

namespace bullpen::vault {

namespace {

constexpr std::string_view k_head = "bullpen-kdf 1 argon2id ";
constexpr int k_exit_no_memory = 71;

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::string line_of(const Derivation& how) {
    return std::string(k_head) + std::to_string(how.passes) + " " + std::to_string(how.memory) +
           " " + hex(how.salt) + " " + how.key_id + "\n";
}

std::optional<Derivation> read_line(std::string_view line) {
    if (!line.starts_with(k_head))
        return std::nullopt;
    const auto words = words_of(line.substr(k_head.size()));
    if (words.size() != 4)
        return std::nullopt;
    const auto passes = number(words[0]);
    const auto memory = number(words[1]);
    const auto salt = bytes_from_hex(words[2]);
    const auto id = bytes_from_hex(words[3]);
    if (!passes || *passes == 0 || *passes > Derivation::k_passes_max || !memory ||
        *memory < Derivation::k_memory_min || *memory > Derivation::k_memory_max || !salt ||
        salt->size() != sodium::k_salt_bytes || !id || id->size() != VaultKey::k_id_length / 2)
        return std::nullopt;
    Derivation how{*passes, static_cast<std::size_t>(*memory), *salt, std::string(words[3])};
    if (line_of(how) != std::string(line) + "\n")
        return std::nullopt;
    return how;
}

[[noreturn]] void derive_and_end(const Secret& passphrase, const Derivation& how, int fd) {
    // Whoever asked is gone: so is the reason to go on.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_DUMPABLE, 0);
    Secret key = Secret::of_size(VaultKey::k_bytes);
    if (!sodium::derive(passphrase, how.salt, how.passes, how.memory, key.writable()))
        ::_exit(k_exit_no_memory);
    ::_exit(write_all(fd, key.reveal()) ? 0 : 1);
}

// What the child writes, until it has written all or is late.
Result<Secret> read_key(int fd) {
    Secret key = Secret::of_size(VaultKey::k_bytes);
    std::size_t size = 0;
    const auto wait_ms =
        static_cast<int>(std::chrono::duration_cast<Millis>(k_derivation_wait).count());
    while (size < key.size()) {
        pollfd waits{fd, POLLIN, 0};
        const int ready = ::poll(&waits, 1, wait_ms);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0)
            return fail(Errc::timed_out, "deriving the key took longer than a minute");
        const auto got = ::read(fd, key.writable().data() + size, key.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    key.cut(size);
    return key;
}

}  // namespace

Derivation Derivation::fresh() {
    Derivation how;
    how.salt.resize(sodium::k_salt_bytes);
    sodium::fill_with_chance(how.salt);
    return how;
}

Result<std::vector<Derivation>> parse_derivations(std::string_view text) {
    std::vector<Derivation> all;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto how =
            end == std::string_view::npos ? std::nullopt : read_line(text.substr(0, end));
        const auto line = std::to_string(all.size() + 1);
        if (!how)
            return fail(Errc::corrupt, "line " + line + " does not say how a key is derived");
        if (all.size() == KeyRing::k_keys_max)
            return fail(Errc::corrupt, "it has more than four lines");
        all.push_back(*how);
        text.remove_prefix(end + 1);
    }
    if (all.empty())
        return fail(Errc::corrupt, "it is empty");
    return all;
}

std::string format(const std::vector<Derivation>& derivations) {
    std::string text;
    for (const auto& how : derivations)
        text += line_of(how);
    return text;
}

Result<VaultKey> derive_in_child(const Secret& passphrase, const Derivation& how) {
    if (passphrase.size() < k_passphrase_min || passphrase.size() > k_passphrase_max)
        return fail(Errc::invalid, "a passphrase has 8 to 1024 bytes");
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail_errno("cannot make a pipe");
    const Descriptor in(ends[0]);
    Descriptor out(ends[1]);
    const pid_t child = ::fork();
    if (child < 0)
        return fail_errno("cannot start a process to derive the key in");
    if (child == 0)
        derive_and_end(passphrase, how, out.get());
    out.reset();
    auto bytes = read_key(in.get());
    if (!bytes)
        ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!bytes)
        return fail(bytes.error());
    if (WIFEXITED(status) && WEXITSTATUS(status) == k_exit_no_memory) {
        return fail(Errc::exhausted, "there is not enough memory to derive the key: it takes " +
                                         std::to_string(how.memory >> 20) + " MiB for a moment");
    }
    if (bytes->size() != VaultKey::k_bytes)
        return fail(Errc::unavailable, "the process that derives the key ended before it was done");
    return VaultKey::of(std::move(*bytes));
}

}  // namespace bullpen::vault
