// Runs a fuzz target over its corpus without a fuzzer: every file as it is, cut at many lengths,
// and with single bytes changed from a fixed seed, so that each run does the same.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t k_input_size_max = 1U << 20U;
// Of each file. Under a sanitizer an input takes up to 50 ms, and the fuzzer has one itself.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t k_cuts_max = 16;
constexpr std::size_t k_mutations = 40;
#else
constexpr std::size_t k_cuts_max = 64;
constexpr std::size_t k_mutations = 200;
#endif
constexpr std::uint64_t k_seed = 20'261'120;

void run_one(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::size_t replay(const std::string& input, bullpen::SeededRandom& random) {
    std::size_t runs = 1;
    run_one(input);
    const std::size_t step = std::max<std::size_t>(1, input.size() / k_cuts_max);
    for (std::size_t length = 0; length < input.size(); length += step, ++runs)
        run_one(input.substr(0, length));
    for (std::size_t i = 0; i < k_mutations && !input.empty(); ++i, ++runs) {
        std::string changed = input;
        changed[random.below(changed.size())] = static_cast<char>(random.below(256));
        run_one(changed);
    }
    return runs;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 64;
    }
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1], error))
        files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        std::fprintf(stderr, "%s holds no inputs\n", argv[1]);
        return 1;
    }
    bullpen::SeededRandom random(k_seed);
    std::size_t runs = 0;
    for (const auto& file : files) {
        auto input = bullpen::read_file(file, k_input_size_max);
        if (!input) {
            std::fprintf(stderr, "%s\n", input.error().message().c_str());
            return 1;
        }
        runs += replay(*input, random);
    }
    std::printf("%zu inputs from %zu files\n", runs, files.size());
    return 0;
}
