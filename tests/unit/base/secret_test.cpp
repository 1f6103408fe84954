#include "common/base/secret.hpp"

#include <doctest/doctest.h>

#include <concepts>
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

    TEST_CASE("a moved secret leaves nothing behind") {
        Secret first(std::string("hunter2"));
        const char* bytes = first.reveal().data();
        Secret second(std::move(first));
        CHECK(second.reveal() == "hunter2");
        CHECK(first.empty());
        CHECK(std::string_view(bytes, 7).find("hunter") == std::string_view::npos);
        Secret third(std::string("another"));
        third = std::move(second);
        CHECK(third.reveal() == "hunter2");
        CHECK(second.empty());
    }
}

}  // namespace
}  // namespace bullpen
