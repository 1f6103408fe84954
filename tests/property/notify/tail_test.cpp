#include "notify/tail.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdio>
#include <fstream>
#include <vector>

#include "tests/support/temporary.hpp"

namespace bullpen::notify {
namespace {

// A log as its writer makes it: lines, sometimes half of one, and rotations between whole ones.
class Writer {
  public:
    explicit Writer(std::string path) : path_(std::move(path)) {}

    void write() {
        const std::string line =
            std::to_string(written.size()) +
            std::string(static_cast<std::size_t>(*rc::gen::inRange(0, 300)), 'x');
        if (!half_ && *rc::gen::inRange(0, 4) == 0)
            rotate();
        append(half_ ? rest_ + "\n" : "");
        half_ = *rc::gen::inRange(0, 3) == 0;
        const auto cut = half_ ? line.size() / 2 : line.size();
        append(line.substr(0, cut) + (half_ ? "" : "\n"));
        rest_ = line.substr(cut);
        written.push_back(line);
    }
    void finish() {
        append(half_ ? rest_ + "\n" : "");
        half_ = false;
    }

    std::vector<std::string> written;

  private:
    void append(const std::string& text) const {
        std::ofstream(path_, std::ios::app | std::ios::binary) << text;
    }
    void rotate() {
        char stamp[32];
        std::snprintf(stamp, sizeof stamp, ".20261122T%06d.000Z", rotations_++);
        (void)std::rename(path_.c_str(), (path_ + stamp).c_str());
    }

    std::string path_;
    std::string rest_;
    int rotations_ = 0;
    bool half_ = false;
};

TEST_CASE("each line comes once and in its order, over rotations and readers that die") {
    CHECK(rc::check("a writer and readers", [] {
        const test::TemporaryDirectory directory;
        const auto path = directory.file("x.log");
        Writer writer(path);
        std::vector<std::string> read;
        LogTail tail(path, std::nullopt, LogTail::Begin::first);
        const auto look = [&](std::size_t most) {
            (void)tail.read(
                most, [](std::string_view) {},
                [&](std::string_view line) { read.emplace_back(line); });
        };
        const int steps = *rc::gen::inRange(1, 60);
        for (int i = 0; i < steps; ++i) {
            switch (*rc::gen::inRange(0, 4)) {
                case 0: look(static_cast<std::size_t>(*rc::gen::inRange(0, 2000))); break;
                case 1:
                    if (tail.cursor())
                        tail = LogTail(path, tail.cursor(), LogTail::Begin::end);
                    break;
                default: writer.write();
            }
        }
        writer.finish();
        look(1U << 20U);
        RC_ASSERT(read == writer.written);
    }));
}

}  // namespace
}  // namespace bullpen::notify
