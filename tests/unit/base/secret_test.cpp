#include "common/base/secret.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <concepts>
#include <fstream>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace bullpen {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
    out << value;
};

// What the kernel says of the pages that `address` is in: the line of `name` in smaps.
std::string page_fact(const char* address, const std::string& name) {
    std::ifstream maps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        const auto dash = line.find('-');
        if (dash != std::string::npos && dash < 17 && line.find(' ') > dash) {
            const auto begin = std::stoull(line.substr(0, dash), nullptr, 16);
            const auto end = std::stoull(line.substr(dash + 1), nullptr, 16);
            inside = begin <= wanted && wanted < end;
        } else if (inside && line.starts_with(name + ":")) {
            return line.substr(name.size() + 1);
        }
    }
    return {};
}

TEST_SUITE("critical") {
    TEST_CASE("a secret can be neither copied, nor printed, nor compared, nor turned into text") {
        static_assert(!std::copy_constructible<Secret>);
        static_assert(!std::is_copy_assignable_v<Secret>);
        static_assert(!Printable<Secret>);
        static_assert(!std::equality_comparable<Secret>);
        static_assert(!std::convertible_to<Secret, std::string>);
        static_assert(!std::convertible_to<Secret, std::string_view>);
        CHECK(std::movable<Secret>);
    }

    TEST_CASE("the text a secret was made from is wiped, short and long") {
        for (const std::size_t size : {4U, 4000U}) {
            std::string text(size, 's');
            const char* bytes = text.data();
            const Secret secret(std::move(text));
            CHECK(secret.reveal() == std::string(size, 's'));
            CHECK(text.empty());
            text.resize(size);  // within the capacity: the same memory as before
            CHECK(text.data() == bytes);
            CHECK(text.find('s') == std::string::npos);
        }
    }

    TEST_CASE("a moved secret is the same memory, so nothing is left behind") {
        Secret first(std::string("hunter2"));
        const char* bytes = first.reveal().data();
        Secret second(std::move(first));
        CHECK(second.reveal() == "hunter2");
        CHECK(second.reveal().data() == bytes);
        CHECK(first.empty());
        Secret third(std::string("another"));
        third = std::move(second);
        CHECK(third.reveal() == "hunter2");
        CHECK(third.reveal().data() == bytes);
        CHECK(second.empty());
    }

    TEST_CASE("what a secret held cannot be read at its place any more when it is gone") {
        const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        const char* bytes = nullptr;
        {
            const Secret secret(std::string("hunter2"));
            bytes = secret.reveal().data();
        }
        // The pages are the system's again; had another mapping come there, it would be zero.
        unsigned char resident = 0;
        auto* start = const_cast<char*>(bytes);
        CHECK((::mincore(start, page, &resident) != 0 || bytes[0] == '\0'));
    }

    TEST_CASE("cutting a secret wipes what is cut off") {
        Secret secret(std::string("hunter2 and more"));
        const char* bytes = secret.reveal().data();
        secret.cut(7);
        CHECK(secret.reveal() == "hunter2");
        CHECK(std::all_of(bytes + 7, bytes + 16, [](char c) { return c == '\0'; }));
        secret.cut(0);
        CHECK(secret.empty());
    }
}

TEST_CASE("a secret's pages are kept out of core files, and locked when it says so") {
    Secret secret = Secret::of_size(5000);
    CHECK(secret.size() == 5000);
    std::fill(secret.writable().begin(), secret.writable().end(), 'x');
    const auto flags = page_fact(secret.reveal().data(), "VmFlags");
    CHECK(flags.find(" dd") != std::string::npos);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // A sanitizer takes mlock away.
    CHECK((flags.find(" lo") != std::string::npos) == secret.locked());
#endif
}

TEST_CASE("secrets are compared by all of their bytes") {
    const Secret one(std::string("same"));
    CHECK(same_bytes(one, Secret(std::string("same"))));
    CHECK_FALSE(same_bytes(one, Secret(std::string("sane"))));
    CHECK_FALSE(same_bytes(one, Secret(std::string("same "))));
    CHECK(same_bytes(Secret{}, Secret{}));
}

}  // namespace
}  // namespace bullpen
