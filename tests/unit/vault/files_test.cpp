// What the vault reads from and writes to disk.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/errc.hpp"
#include "common/vault/key_source.hpp"
#include "common/vault/private_file.hpp"
#include "common/vault/store.hpp"
#include "tests/unit/vault/support.hpp"

using namespace bullpen;
using namespace bullpen::vault;

namespace {

constexpr const char* k_key_line =
    "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n";

void write_private(const std::string& path, std::string_view text) {
    test::write_text(path, text);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_SUITE("critical") {
    TEST_CASE("a key or a sealed file that group or others may read or write is refused") {
        const test::TemporaryDirectory directory;
        const auto path = directory.file("vault.key");
        write_private(path, k_key_line);
        for (const mode_t mode : {0640U, 0620U, 0604U, 0602U, 0601U, 0610U, 0660U, 0666U, 0777U}) {
            CAPTURE(mode);
            REQUIRE(::chmod(path.c_str(), mode) == 0);
            const auto read = read_private(path, 4096, Keeper::user);
            REQUIRE_FALSE(read.has_value());
            CHECK(read.error().code() == Errc::refused);
            CHECK(read.error().message().find(path) != std::string::npos);
            CHECK(read.error().message().find("chmod 600") != std::string::npos);
        }
        for (const mode_t mode : {0600U, 0400U, 0700U}) {
            REQUIRE(::chmod(path.c_str(), mode) == 0);
            CHECK(read_private(path, 4096, Keeper::user).has_value());
        }
    }

    TEST_CASE("a key that is a link, a pipe or a directory is refused, without waiting") {
        const test::TemporaryDirectory directory;
        const auto real = directory.file("real");
        write_private(real, k_key_line);
        const auto path = directory.file("vault.key");
        REQUIRE(::symlink(real.c_str(), path.c_str()) == 0);
        CHECK(read_private(path, 4096, Keeper::user).error().code() == Errc::refused);
        REQUIRE(::unlink(path.c_str()) == 0);
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        CHECK(read_private(path, 4096, Keeper::user).error().code() == Errc::refused);
        REQUIRE(::unlink(path.c_str()) == 0);
        REQUIRE(::mkdir(path.c_str(), 0700) == 0);
        CHECK(read_private(path, 4096, Keeper::user).error().code() == Errc::refused);
    }

    TEST_CASE("a key of another user is refused") {
        if (::geteuid() != 0) {
            MESSAGE("left out: only root can give a file away");
            return;
        }
        const test::TemporaryDirectory directory;
        const auto path = directory.file("vault.key");
        write_private(path, k_key_line);
        REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
        const auto read = read_private(path, 4096, Keeper::user);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().code() == Errc::refused);
        CHECK(read.error().message().find("12345") != std::string::npos);
    }
}

TEST_CASE("a file that is missing or too large is told apart from one that is refused") {
    const test::TemporaryDirectory directory;
    const auto path = directory.file("vault.key");
    CHECK(read_private(path, 10, Keeper::user).error().code() == Errc::not_found);
    write_private(path, "0123456789");
    CHECK(read_private(path, 10, Keeper::user)->reveal() == "0123456789");
    CHECK(read_private(path, 9, Keeper::user).error().code() == Errc::too_large);
}

TEST_CASE("a credential of the service manager may show rights of its group, and none of others") {
    const test::TemporaryHome home;
    config::VaultSettings settings;
    settings.source = config::VaultSource::systemd;
    const test::TemporaryDirectory directory;
    const auto source = KeySource::of(home.home(), settings, directory.path());
    CHECK(source.path == directory.file("bullpen-vault-key"));
    write_private(source.path, k_key_line);
    REQUIRE(::chmod(source.path.c_str(), 0440) == 0);
    CHECK(load_keys(source)->current().id() == "6bf4f009cc7bd825");
    REQUIRE(::chmod(source.path.c_str(), 0444) == 0);
    CHECK(load_keys(source).error().code() == Errc::refused);
    CHECK(KeySource::of(home.home(), settings, "").path ==
          "/run/credentials/bullpend.service/bullpen-vault-key");
}

TEST_CASE("the key file is in the home unless the settings name another") {
    const test::TemporaryHome home;
    config::VaultSettings settings;
    CHECK(KeySource::of(home.home(), settings, "/x").path == home.path() + "/secrets/vault.key");
    settings.key_file = "/etc/bullpen.key";
    CHECK(KeySource::of(home.home(), settings, "/x").path == "/etc/bullpen.key");
    settings.source = config::VaultSource::passphrase;
    const auto source = KeySource::of(home.home(), settings, "/x");
    CHECK(source.path == home.path() + "/secrets/vault.kdf");
    CHECK(load_keys(source).error().code() == Errc::unavailable);
}

TEST_CASE("a missing key says what to do, for each source") {
    const test::TemporaryHome home;
    config::VaultSettings settings;
    const auto said = [&](config::VaultSource kind) {
        settings.source = kind;
        const auto source = KeySource::of(home.home(), settings, home.path());
        const auto error = kind == config::VaultSource::passphrase
                               ? load_derivations(source).error()
                               : load_keys(source).error();
        CHECK(error.code() == Errc::not_found);
        CHECK(error.message().find(source.path) != std::string::npos);
        return error.message();
    };
    CHECK(said(config::VaultSource::file).find("vault.key_file") != std::string::npos);
    CHECK(said(config::VaultSource::systemd).find("LoadCredential") != std::string::npos);
    CHECK(said(config::VaultSource::passphrase).find("credentials set") != std::string::npos);
}

TEST_CASE("keys and derivations are written for this user alone and read again") {
    const test::TemporaryHome home;
    REQUIRE(make_directories(home.home().secrets(), 0700).has_value());
    storage::SystemFileSystem files;
    const auto source = KeySource::of(home.home(), {}, "");
    auto ring = test::ring_of(1);
    REQUIRE(ring.put_first(test::key_from(4)).has_value());
    REQUIRE(save_keys(files, source, ring).has_value());
    CHECK(mode_of(source.path) == 0600);
    CHECK(load_keys(source)->current().id() == test::key_from(4).id());
    CHECK(load_keys(source)->size() == 2);

    config::VaultSettings settings;
    settings.source = config::VaultSource::passphrase;
    const auto derived = KeySource::of(home.home(), settings, "");
    auto how = Derivation::fresh();
    how.key_id = "6bf4f009cc7bd825";
    REQUIRE(save_derivations(files, derived, {how}).has_value());
    CHECK(mode_of(derived.path) == 0600);
    REQUIRE(load_derivations(derived).has_value());
    CHECK(load_derivations(derived)->front() == how);
}

TEST_CASE("a key that is given through the pipe is taken once") {
    const test::TemporaryHome home;
    REQUIRE(make_directories(home.home().run(), 0700).has_value());
    const auto path = home.home().run() + "/unlock";
    CHECK_FALSE(KeyPipe::take(home.home()).has_value());
    {
        const auto given = KeyPipe::give(home.home(), test::ring_of(3));
        REQUIRE(given.has_value());
        CHECK(mode_of(path) == 0600);
        const auto taken = KeyPipe::take(home.home());
        REQUIRE(taken.has_value());
        CHECK(taken->current().id() == test::key_from(3).id());
        CHECK_FALSE(std::filesystem::exists(path));
        CHECK_FALSE(KeyPipe::take(home.home()).has_value());
    }
    {
        const auto given = KeyPipe::give(home.home(), test::ring_of(3));
        REQUIRE(given.has_value());
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a file in the place of the pipe is not taken for one") {
    const test::TemporaryHome home;
    REQUIRE(make_directories(home.home().run(), 0700).has_value());
    write_private(home.home().run() + "/unlock", k_key_line);
    CHECK(KeyPipe::take(home.home()).error().code() == Errc::refused);
}

TEST_CASE("one command at a time changes the credentials of a home") {
    const test::TemporaryHome home;
    {
        const auto held = StoreLock::take(home.home());
        REQUIRE(held.has_value());
        CHECK(StoreLock::take(home.home()).error().code() == Errc::locked);
    }
    CHECK(StoreLock::take(home.home()).has_value());
}

TEST_CASE("a sealed file is stored for this user alone, with the one before it beside it") {
    const test::TemporaryHome home;
    const auto lock = StoreLock::take(home.home()).value();
    storage::SystemFileSystem files;
    Store store(home.home(), files, lock);
    const auto id = test::account_id("anna");
    const auto path = home.home().account(id).secrets;
    CHECK_FALSE(load_sealed(home.home(), id)->has_value());

    auto credentials = test::credentials_of("anna", {{"api_key", "first"}});
    REQUIRE(store.save(seal(credentials, test::key_from(1))).has_value());
    REQUIRE(credentials.put({"api_key", test::secret("second"), {}, {}}).has_value());
    REQUIRE(store.save(seal(credentials, test::key_from(1))).has_value());
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path + ".previous") == 0600);
    const auto value_in = [&](const std::string& name) {
        const auto file = parse_sealed(test::read_text(name)).value();
        return std::string(
            open(file, test::ring_of(1), id).value().find("api_key")->value.reveal());
    };
    CHECK(value_in(path) == "second");
    CHECK(value_in(path + ".previous") == "first");
    CHECK(sealed_accounts(home.home(), files).value() == std::vector{id});

    REQUIRE(store.remove_previous(id).has_value());
    CHECK_FALSE(std::filesystem::exists(path + ".previous"));
    REQUIRE(store.remove_previous(id).has_value());
    REQUIRE(store.remove(id).has_value());
    CHECK_FALSE(load_sealed(home.home(), id)->has_value());
    REQUIRE(store.remove(id).has_value());
}

TEST_CASE("a damaged sealed file is told with its name") {
    const test::TemporaryHome home;
    const auto lock = StoreLock::take(home.home()).value();
    const auto id = test::account_id("anna");
    const auto path = home.home().account(id).secrets;
    write_private(path, "bullpen-sealed 1\n");
    const auto loaded = load_sealed(home.home(), id);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().message().find(path) != std::string::npos);
    REQUIRE(::chmod(path.c_str(), 0644) == 0);
    CHECK(load_sealed(home.home(), id).error().code() == Errc::refused);
}

TEST_CASE("a sealed file that is older than the last one written here is refused") {
    const test::TemporaryHome home;
    const auto lock = StoreLock::take(home.home()).value();
    storage::SystemFileSystem files;
    Store store(home.home(), files, lock);
    const auto id = test::account_id("anna");
    const auto path = home.home().account(id).secrets;
    const auto save = [&](std::uint64_t generation) {
        auto credentials = test::credentials_of("anna", {{"api_key", "value"}});
        credentials.set_generation(generation);
        REQUIRE(store.save(seal(credentials, test::key_from(1))).has_value());
    };
    CHECK_FALSE(load_newest(home.home(), id)->has_value());
    save(9);
    const auto older = test::read_text(path);
    save(10);
    CHECK(load_newest(home.home(), id).value()->generation == 10);
    write_private(path, older);
    const auto refused = load_newest(home.home(), id);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == Errc::refused);
    CHECK(refused.error().message().find("(change 9, not 10)") != std::string::npos);
    // It can still be read, to be set anew; and nothing is left of a number that was forgotten.
    CHECK(load_sealed(home.home(), id).value()->generation == 9);
    REQUIRE(forget_newest(home.home()).has_value());
    CHECK(load_newest(home.home(), id).value()->generation == 9);
    REQUIRE(forget_newest(home.home()).has_value());
    // What begins anew after everything was removed begins with the first number.
    save(10);
    REQUIRE(store.remove(id).has_value());
    save(1);
    CHECK(load_newest(home.home(), id).value()->generation == 1);
}

TEST_CASE("a number that cannot be read keeps no account back") {
    const test::TemporaryHome home;
    const auto lock = StoreLock::take(home.home()).value();
    storage::SystemFileSystem files;
    Store store(home.home(), files, lock);
    const auto id = test::account_id("anna");
    REQUIRE(
        store.save(seal(test::credentials_of("anna", {{"api_key", "value"}}), test::key_from(1)))
            .has_value());
    for (const char* const damaged : {"", "x", "-7", "99999999999999999999999999999999999"}) {
        CAPTURE(damaged);
        test::write_text(home.home().run() + "/sealed/anna", damaged);
        CHECK(load_newest(home.home(), id).has_value());
    }
}
