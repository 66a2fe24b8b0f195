/*
 * The plain `main` of a fuzz target: gives each file of the corpus to LLVMFuzzerTestOneInput, once.
 * With it every ordinary test run replays what fuzzing found, with no need of libFuzzer.
 *
 *   fuzz_<name> FILE-OR-FOLDER...
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return -1;
    }
    uint8_t *data = NULL;
    size_t size = 0, got;
    do {
        uint8_t *more = realloc(data, size + 65536);
        if (!more) {
            free(data);
            fclose(file);
            return -1;
        }
        data = more;
        got = fread(data + size, 1, 65536, file);
        size += got;
    } while (got > 0);
    fclose(file);
    /* A block of exactly this size, so that a sanitizer sees a read past its end. */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact) {
        memcpy(exact, data, size);
        LLVMFuzzerTestOneInput(exact, size);
    }
    free(exact);
    free(data);
    return exact ? 0 : -1;
}

/* The number of files replayed, or -1. */
static int replay(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(info.st_mode)) return replay_file(path) == 0 ? 1 : -1;
    DIR *dir = opendir(path);
    if (!dir) {
        perror(path);
        return -1;
    }
    int n = 0;
    for (struct dirent *entry; n >= 0 && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        char below[4096];
        if (snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >= (int)sizeof(below)) {
            fprintf(stderr, "%s: the path is too long\n", entry->d_name);
            n = -1;
            break;
        }
        int more = replay(below);
        n = more < 0 ? -1 : n + more;
    }
    closedir(dir);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++) {
        int more = replay(argv[i]);
        if (more < 0) return 1;
        n += more;
    }
    printf("replayed %d inputs\n", n);
    return n > 0 ? 0 : 1;
}
